import Foundation
import TestSupport
import Testing

/// A hook whose program the target release lacks is found before anything changes, and the release is
/// not blamed for it.
@Suite struct MissingProgramTests {
  private static let message = "hooks.activate: bin/start does not exist in release"

  /// A store where 2 is live and has the program of the activate hook, and 1 was live before and does
  /// not.
  private func store() throws -> TestStore {
    let store = try TestStore()
    try store.expectSuccess(["deploy", try store.archive(["VERSION": "1"]), "--id", "1"])
    try store.expectSuccess(["deploy", try archive(store), "--id", "2"])
    try store.write("releases.yaml", "hooks: {activate: {run: [bin/start]}}\n")
    return store
  }

  private func archive(_ store: TestStore) throws -> String {
    try store.archive(["VERSION": "2", "bin/start": "#!/bin/sh\n"], executable: ["bin/start"])
  }

  private func expectRefusal(
    _ store: TestStore, _ arguments: [String], of id: String
  ) throws {
    let refused = try store.expectFailure(arguments, status: 3, code: "configuration")
    #expect(refused.errors.contains("\(Self.message) \(id)"), "\(refused.errors)")
    #expect(store.current == "2" && store.previous == "1")
    for id in ["1", "2"] { #expect(try store.entry(of: id)["state"] as? String == "ready") }
  }

  @Test func `a rollback and an activation are refused before anything changes`() throws {
    let store = try store()
    try expectRefusal(store, ["rollback", "--dry-run"], of: "1")
    try expectRefusal(store, ["rollback"], of: "1")
    try expectRefusal(store, ["activate", "1"], of: "1")
    try store.expectFindings(["rollbackNotWhole"])
    #expect(try store.run(["status"]).output.contains("\(Self.message) 1"))
  }

  @Test func `a deploy is refused before the switch`() throws {
    let store = try store()
    try expectRefusal(
      store, ["deploy", try store.archive(["VERSION": "3"]), "--id", "3"], of: "3")
    #expect(try store.entry(of: "3")["state"] as? String == "ready")
  }

  @Test func `a program that the prepare hook makes is found`() throws {
    let store = try store()
    try store.write(
      "releases.yaml",
      """
      hooks:
        prepare: {run: 'mkdir bin; echo "#!/bin/sh" > bin/start; chmod +x bin/start'}
        activate: {run: [bin/start]}

      """)
    try store.expectSuccess(["deploy", try store.archive(["VERSION": "3"]), "--id", "3"])
    #expect(store.current == "3")
  }

  @Test func `a live release without the program is reported and not restarted`() throws {
    let store = try store()
    try store.write("releases.yaml", "hooks: {activate: {run: [bin/none]}}\n")
    try store.expectFailure(["restart"], status: 3, code: "configuration")
    let check = try store.run(["check"])
    #expect(check.status == 3)
    #expect(check.output.contains("bin/none does not exist in release 2"), "\(check.output)")
    #expect(
      try store.run(["status"]).output.contains("bin/none does not exist in release 2"))
  }
}
