import Glibc
import Testing

@testable import Linux

@Suite struct DescriptorTests {
  @Test func `every descriptor is close-on-exec`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeDirectory("inner")
    let file = try root.open("file", [.writeOnly, .create])
    let inner = try root.openDirectory("inner")
    let beneath = try root.openBeneath("inner", .directory)
    let copy = try Descriptor.duplicate(0)
    for raw in [root.raw, file.raw, inner.raw, beneath.raw, copy.raw] {
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
    }
  }

  @Test(arguments: ["../out", "/etc", "link/x", "inner/../../out"])
  func `openBeneath rejects a path that leaves the directory`(path: String) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeDirectory("inner")
    try root.makeLink("link", to: "/etc")
    #expect(throws: SystemError.self) { _ = try root.openBeneath(path, .readOnly) }
  }

  @Test func `a move never replaces a file and reports the full path`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try Descriptor.openDirectory(scratch.path)
    try root.writeFile("a", "1")
    try root.writeFile("b", "2")
    let error = #expect(throws: SystemError.self) { try root.move("a", to: root, as: "b") }
    #expect(error?.errno == .exists)
    #expect(error?.path == scratch.path + "/b", "an error names the full path")
    #expect(error?.call == "renameat2")
  }

  @Test func `removeTree removes everything and follows no link`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeDirectory("kept")
    try root.openDirectory("kept").writeFile("file", "x")
    try root.makeDirectory("tree")
    let tree = try root.openDirectory("tree")
    try tree.makeLink("link", to: "../kept")
    try tree.makeDirectory("locked", mode: 0o000)
    #expect(creat(scratch.path + "/tree/\u{1}", 0o600) >= 0)
    try root.removeTree("tree")
    #expect(try root.entries().map(\.name) == ["kept"])
    #expect(try root.openDirectory("kept").entries().map(\.name) == ["file"])
    try root.removeTree("tree")
  }

  @Test func `closing the descriptor releases the lock`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try Descriptor.openDirectory(scratch.path)
    try root.writeFile("lock", "")
    do {
      let holder = try root.open("lock", .readWrite)
      #expect(try holder.tryLock())
      #expect(try root.open("lock", .readWrite).tryLock() == false)
    }
    #expect(try root.open("lock", .readWrite).tryLock())
  }

  @Test func `a name that is not UTF-8 is marked as inexact`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let name: [CChar] = scratch.path.utf8CString.dropLast() + [0x2F, 0x61, -1, 0]
    #expect(name.withUnsafeBufferPointer { creat($0.baseAddress!, 0o600) } >= 0)
    let entries = try Descriptor.openDirectory(scratch.path).entries()
    #expect(entries.map(\.isExact) == [false])
  }
}
