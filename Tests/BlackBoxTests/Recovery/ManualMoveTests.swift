import Foundation
import TestSupport
import Testing

/// A person moves `current` with ln(1). The release that was live until then is the rollback target, as
/// after an activation.
@Suite struct ManualMoveTests {
  /// Returns a store in which 3 is live and `previous` points to 2.
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    return store
  }

  private func expectTarget(_ id: String, _ store: TestStore) throws {
    for command in ["status", "list"] {
      #expect(try store.run([command, "--json"]).json["rollback"] as? String == id, "\(command)")
    }
    let planned = try store.expectSuccess(["rollback", "--dry-run", "--json"]).json
    #expect(planned["id"] as? String == id)
    let named = try store.expectSuccess(["activate", "previous", "--dry-run", "--json"]).json
    #expect(named["id"] as? String == id)
  }

  @Test(arguments: [[], ["recover"], ["pin", "1", "--reason", "x"]])
  func `a rollback returns to the release that was live before`(_ between: [String]) throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    try expectTarget("3", store)
    if !between.isEmpty {
      try store.expectSuccess(between)
      #expect(store.current == "1" && store.previous == "3")
      try expectTarget("3", store)
      try store.expectFindings([])
    }
    try store.expectSuccess(["rollback"])
    #expect(store.current == "3")
  }

  @Test func `the history says where the links point`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    let run = try store.expectSuccess(["recover"])
    #expect(run.errors.contains("recovered: previous points to 3, which was live before\n"))
    let notes = try store.history().prefix(2).map { $0["note"] as? String }
    #expect(
      notes == [
        "previous points to 3, which was live before",
        "moved by hand: current from releases/3 to releases/1",
      ])
    #expect(
      try store.expectSuccess(["recover", "--json"]).json["outcome"] as? String == "unchanged")
  }

  @Test func `a dry run of recover lists it`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    #expect(
      try store.expectSuccess(["recover", "--dry-run"]).output
        == """
        would record that the links were moved by hand
        would point previous to 3, which was live before current was moved by hand

        """)
  }

  @Test func `a move through previous keeps the new release live at every moment`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "\(store.path)/previous")
    try expectTarget("3", store)
    try store.expectSuccess(["recover"])
    #expect(store.current == "2" && store.previous == "3")
  }

  @Test func `prune retains it`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["1", "3"])
  }

  @Test func `a bad release, and a previous that was moved too, are left alone`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    try store.makeLink("previous", to: "releases/2")
    try store.expectSuccess(["recover"])
    try store.expectSuccess(["activate", "3"])
    try store.expectSuccess(["mark", "3", "bad", "--reason", "x"])
    try store.makeLink("current", to: "releases/2")
    try expectTarget("1", store)
    try store.expectSuccess(["recover"])
    #expect(store.previous == "1")

    try store.publishAndActivate(["4", "5"])
    try store.makeLink("current", to: "releases/2")
    try store.makeLink("previous", to: "releases/1")
    try store.expectSuccess(["recover"])
    #expect(store.current == "2" && store.previous == "1")
  }

  /// At any moment a recovery may be killed; the next one ends what it began.
  @Test(arguments: 1...6)
  func `a recovery that is killed is finished by the next one`(_ number: Int) throws {
    let store = try makeStore()
    try store.makeLink("current", to: "releases/1")
    _ = try store.run(["recover"], launcher: Fault.signal("KILL", at: "pwrite64", number))
    try store.expectSuccess(["recover"])
    #expect(store.current == "1" && store.previous == "3")
    try store.expectFindings([])
    try store.expectConsistent()
  }
}
