import Testing

@testable import Linux

/// Access lists are encoded as the kernel stores them for setfacl(1).
@Suite struct AccessListTests {
  private typealias Entry = AccessList.Entry

  private let list = AccessList([
    Entry(.owner, 0b110), Entry(.user, 0b111, id: 33), Entry(.owningGroup, 0b010),
    Entry(.group, 0b011, id: 34), Entry(.mask, 0b111), Entry(.others, 0b110),
  ])

  @Test func `an access list is encoded as the kernel stores it`() {
    let list = AccessList([Entry(.user, 0b111, id: 0x0102_0304), Entry(.mask, 0b100)])
    #expect(
      list.encoded() == [
        2, 0, 0, 0, 2, 0, 7, 0, 4, 3, 2, 1, 16, 0, 4, 0, 255, 255, 255, 255,
      ])
    #expect(AccessList(decoding: list.encoded()) == list)
    #expect(AccessList(decoding: self.list.encoded()) == self.list)
  }

  @Test(arguments: [
    [], [2, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 2, 0, 7, 0], [2, 0, 0, 0, 3, 0, 7, 0, 0, 0, 0, 0],
  ])
  func `other bytes are not a list`(bytes: [UInt8]) {
    #expect(AccessList(decoding: bytes) == nil)
  }

  @Test func `who may write is seen through the mask`() {
    func permits(_ entries: [AccessList.Entry]) -> Bool {
      AccessList([Entry(.owner, 7), Entry(.others, 0)] + entries).permitsWriting(besides: [0, 33])
    }
    #expect(permits([Entry(.user, 7, id: 34)]) && permits([Entry(.group, 2, id: 0)]))
    #expect(permits([Entry(.user, 7, id: 34), Entry(.mask, 2)]))
    #expect(!permits([Entry(.user, 7, id: 34), Entry(.mask, 5)]))
    #expect(!permits([Entry(.user, 7, id: 33), Entry(.user, 5, id: 34), Entry(.owningGroup, 7)]))
  }

  @Test func `the owner may do everything and no other user may write`() {
    #expect(
      list.writableByOwnerAlone
        == AccessList([
          Entry(.owner, 0b111), Entry(.user, 0b101, id: 33), Entry(.owningGroup, 0b000),
          Entry(.group, 0b001, id: 34), Entry(.mask, 0b101), Entry(.others, 0b100),
        ]))
    #expect(list.writableByOwnerAlone.writableByOwnerAlone == list.writableByOwnerAlone)
  }

  @Test func `a missing attribute is nil, and a long one is read whole`() throws {
    let scratch = try Scratch()
    let root = try scratch.root()
    #expect(try root.attribute(AccessList.defaultAttribute) == nil)
    let entries =
      [Entry(.owner, 7)] + (0..<200).map { Entry(.user, 5, id: 5000 + $0) }
      + [Entry(.owningGroup, 5), Entry(.mask, 5), Entry(.others, 0)]
    let long = AccessList(entries).encoded()
    try root.setAttribute(AccessList.defaultAttribute, long)
    #expect(try root.attribute(AccessList.defaultAttribute) == long)
  }

  @Test func `a directory gets exactly the requested permissions`() throws {
    let scratch = try Scratch()
    let root = try scratch.root()
    try root.makeDirectory("one", exactly: 0o777)
    #expect(try root.status(of: "one").permissions == 0o777)
    try root.makeDirectory("two", mode: 0o777)
    #expect(try root.status(of: "two").permissions != 0o777, "the umask is restored")
  }
}
