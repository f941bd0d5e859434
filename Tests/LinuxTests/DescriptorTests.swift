import Glibc
import Testing

@testable import Linux

@Suite struct DescriptorTests {
  @Test func everyWayOfOpeningIsCloseOnExec() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let top = try Descriptor.openDirectory(scratch.path)
    try top.makeDirectory("inner")
    let file = try top.open("file", [.writeOnly, .create])
    let inner = try top.openDirectory("inner")
    let beneath = try top.openBeneath("inner", .directory)
    let copy = try Descriptor.duplicate(0)
    for raw in [top.raw, file.raw, inner.raw, beneath.raw, copy.raw] {
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
    }
  }

  @Test(arguments: ["../out", "/etc", "link/x", "inner/../../out"])
  func openBeneathStaysBeneath(path: String) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let top = try Descriptor.openDirectory(scratch.path)
    try top.makeDirectory("inner")
    try top.makeLink("link", to: "/etc")
    #expect(throws: SystemError.self) { _ = try top.openBeneath(path, .readOnly) }
  }

  @Test func moveNeverReplaces() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let top = try Descriptor.openDirectory(scratch.path)
    try top.writeFile("a", "1")
    try top.writeFile("b", "2")
    let error = #expect(throws: SystemError.self) { try top.move("a", to: top, as: "b") }
    #expect(error?.errno == .exists)
    #expect(error?.path == scratch.path + "/b", "an error names the full path")
    #expect(error?.call == "renameat2")
  }

  @Test func removeTreeFollowsNoLinkAndTakesEverything() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let top = try Descriptor.openDirectory(scratch.path)
    try top.makeDirectory("kept")
    try top.openDirectory("kept").writeFile("file", "x")
    try top.makeDirectory("tree")
    let tree = try top.openDirectory("tree")
    try tree.makeLink("link", to: "../kept")
    try tree.makeDirectory("locked", mode: 0o000)
    #expect(creat(scratch.path + "/tree/\u{1}", 0o600) >= 0)
    try top.removeTree("tree")
    #expect(try top.entries().map(\.name) == ["kept"])
    #expect(try top.openDirectory("kept").entries().map(\.name) == ["file"])
    try top.removeTree("tree")
  }

  @Test func theLockGoesWithTheDescriptor() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let top = try Descriptor.openDirectory(scratch.path)
    try top.writeFile("lock", "")
    do {
      let holder = try top.open("lock", .readWrite)
      #expect(try holder.tryLock())
      #expect(try top.open("lock", .readWrite).tryLock() == false)
    }
    #expect(try top.open("lock", .readWrite).tryLock())
  }

  @Test func namesThatAreNotUTF8AreToldApart() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let name: [CChar] = scratch.path.utf8CString.dropLast() + [0x2F, 0x61, -1, 0]
    #expect(name.withUnsafeBufferPointer { creat($0.baseAddress!, 0o600) } >= 0)
    let entries = try Descriptor.openDirectory(scratch.path).entries()
    #expect(entries.map(\.isExact) == [false])
  }
}
