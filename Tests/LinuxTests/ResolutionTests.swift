import Glibc
import Testing

@testable import Linux

/// Which paths the kernel resolves, and what it never replaces.
@Suite struct ResolutionTests {
  private static func tree() throws -> Scratch {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("d")
    let inner = try root.openDirectory("d")
    try inner.writeFile("f", "content")
    try inner.makeLink("up", to: "..")
    try root.makeLink("to-d", to: "d")
    try root.makeLink("to-f", to: "d/f")
    try root.makeLink("absolute", to: scratch.path)
    return scratch
  }

  @Test(
    arguments: [
      ("parent", "..", .crossDevice), ("out of the directory and back", "d/../../x", .crossDevice),
      ("an absolute path", "/etc/passwd", .crossDevice),
      ("a link as a parent", "to-d/f", .tooManyLinks),
      ("a link as the last component", "to-f", .tooManyLinks),
      ("an absolute link", "absolute/d/f", .tooManyLinks),
      ("a link to the parent", "d/up/d/f", .tooManyLinks), ("a missing file", "d/x", .noEntry),
      ("through a file", "d/f/x", .notADirectory),
    ] as [(String, String, Errno)])
  func `openBeneath rejects a path with the right error`(name: String, path: String, errno: Errno)
    throws
  {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    let error = #expect(throws: SystemError.self) { _ = try root.openBeneath(path, .readOnly) }
    #expect(error?.errno == errno)
    #expect(error?.call == "openat2")
  }

  @Test(arguments: ["d/f", "./d/./f", "d//f", "d/../d/f"])
  func `openBeneath opens a file beneath the directory`(path: String) throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let file = try scratch.root().openBeneath(path, .readOnly)
    #expect(try file.readAll() == Array("content".utf8))
  }

  @Test func `openBeneath follows no magic link`() throws {
    let proc = try Descriptor.openDirectory("/proc/self/fd")
    let error = #expect(throws: SystemError.self) {
      _ = try proc.openBeneath("\(proc.raw)/.", .directory)
    }
    #expect(error?.errno == .tooManyLinks)
  }

  @Test func `openBeneath does not cross to another mount`() throws {
    let root = try Descriptor.openDirectory("/")
    let error = #expect(throws: SystemError.self) {
      _ = try root.openBeneath("proc/self", .directory)
    }
    #expect(error?.errno == .crossDevice)
  }

  @Test func `openDirectory rejects a link`() throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    let error = #expect(throws: SystemError.self) { _ = try root.openDirectory("to-d") }
    #expect(error?.errno == .notADirectory)
    #expect(try root.open("to-d", .directory).entries().map(\.name) == ["f", "up"])
  }

  @Test(arguments: ["file", "directory", "link", "dangling"])
  func `a move does not replace an existing name`(kind: String) throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("source", "new")
    switch kind {
    case "file": try root.writeFile("target", "old")
    case "directory": try root.makeDirectory("target")
    case "link": try root.makeLink("target", to: "d/f")
    default: try root.makeLink("target", to: "nowhere")
    }
    let before = try root.status(of: "target")
    let error = #expect(throws: SystemError.self) {
      try root.move("source", to: root, as: "target")
    }
    #expect(error?.errno == .exists)
    #expect(try root.status(of: "target").isSameFile(as: before))
    #expect(try root.text(of: "source") == "new", "the source is unchanged")
  }

  @Test func `a move works across directories`() throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.move("to-f", to: try root.openDirectory("d"), as: "moved")
    #expect(try root.statusIfPresent(of: "to-f") == nil)
    #expect(try root.openDirectory("d").readLink("moved") == "d/f")
  }

  @Test func `a rename replaces the new name`() throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeLink("new", to: "x")
    try root.rename("new", to: "to-f")
    #expect(try root.readLink("to-f") == "x")
    #expect(try root.statusIfPresent(of: "new") == nil)
  }

  @Test func `makeDirectoryIfMissing makes a directory and rejects a file of that name`() throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    #expect(try root.makeDirectoryIfMissing("n"))
    #expect(try !root.makeDirectoryIfMissing("n"))
    for name in ["to-d", "to-f"] {
      let error = #expect(throws: SystemError.self) { try root.makeDirectoryIfMissing(name) }
      #expect(error?.errno == .notADirectory)
    }
  }
}
