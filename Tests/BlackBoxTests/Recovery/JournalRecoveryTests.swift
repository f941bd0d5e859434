import TestSupport
import Testing

/// After a power failure the journal may hold the only record of what a switch changed.
@Suite struct JournalRecoveryTests {
  private static let files = [
    ".releases/catalog/1.json", ".releases/catalog/2.json", ".releases/history.jsonl",
  ]

  @Test(arguments: [[0, 1, 2], [0], [1], [2]])
  func `recover rewrites what the catalog and the history lost`(lost: [Int]) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let before = try Self.files.map(store.read)
    try store.expectSuccess(["rollback"])
    let after = try Self.files.map(store.read)
    for (old, new) in zip(before, after) { #expect(old != new) }

    for number in lost { try store.write(Self.files[number], before[number]) }
    try store.write(".releases/catalog/.1.json.0a1b2c3d", "half")
    try store.expectSuccess(["recover"])
    #expect(try Self.files.map(store.read) == after)
    let left = try store.names(".releases/catalog")
    #expect(left == ["1.json", "2.json"] || lost == [2], "\(left) is left without a lost rename")
  }

  @Test func `the next change rewrites a catalog entry that was lost`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    let before = try store.read(Self.files[1])
    try store.expectSuccess(["rollback"])
    try store.write(Self.files[1], before)
    try store.expectSuccess(["activate", "3"])
    let two = try #require(try store.releases()["2"])
    #expect(
      two["state"] as? String == "bad", "a release that was rolled back from is no rollback target")
    #expect(store.link("previous") == "releases/1")
  }

  /// A later mark replaces what the rollback recorded.
  @Test func `recover does not repeat a mark that was taken back`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["mark", "2", "good", "--reason", "it was the database"])
    try store.expectSuccess(["recover"])
    let two = try #require(try store.releases()["2"])
    #expect(two["state"] as? String == "ready")
  }
}
