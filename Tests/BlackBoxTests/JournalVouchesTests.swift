import Testing

/// After a power cut the journal may be all that says what a switch made of catalog and history.
@Suite struct JournalVouchesTests {
  private static let files = [
    ".releases/catalog/1.json", ".releases/catalog/2.json", ".releases/history.jsonl",
  ]

  @Test(arguments: [[0, 1, 2], [0], [1], [2]])
  func `recover rewrites what catalog and history lost`(lost: [Int]) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let before = try Self.files.map(store.read)
    try store.expectDone(["rollback"])
    let after = try Self.files.map(store.read)
    for (old, new) in zip(before, after) { #expect(old != new) }

    for number in lost { try store.write(Self.files[number], before[number]) }
    try store.write(".releases/catalog/.1.json.0a1b2c3d", "half")
    try store.expectDone(["recover"])
    #expect(try Self.files.map(store.read) == after)
    let left = try store.names(".releases/catalog")
    #expect(left == ["1.json", "2.json"] || lost == [2], "\(left): no rename was lost with it")
  }

  @Test func `the next change rewrites a catalog entry that was lost`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.publish("3")
    let before = try store.read(Self.files[1])
    try store.expectDone(["rollback"])
    try store.write(Self.files[1], before)
    try store.expectDone(["activate", "3"])
    let two = try #require(try store.releases()["2"])
    #expect(two["state"] as? String == "bad", "what a rollback has left is never the fallback")
    #expect(store.link("previous") == "releases/1")
  }

  /// A line that somebody takes back in a later change is not written again.
  @Test func `recover does not repeat a mark that was taken back`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.expectDone(["rollback"])
    try store.expectDone(["mark", "2", "good", "--reason", "it was the database"])
    try store.expectDone(["recover"])
    let two = try #require(try store.releases()["2"])
    #expect(two["state"] as? String == "ready")
  }
}
