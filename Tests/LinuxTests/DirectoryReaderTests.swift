import Glibc
import Testing

@testable import Linux

@Suite struct DirectoryReaderTests {
  @Test func `names are sorted by their bytes`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    let names = ["b", "a", "Z", "é", "e\u{301}", "10", "9", ".hidden", "a b", "...", "new\nline"]
    for name in names { try root.writeFile(name, "") }
    let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(try root.entries().map { Array($0.name.utf8) } == expected.map { Array($0.utf8) })
    #expect(try root.entries().allSatisfy { $0.isExact && $0.kind == .file })
    #expect(try root.entries().count == names.count, "the directory can be read again")
  }

  @Test func `an entry has the kind of its file`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("directory")
    try root.writeFile("file", "")
    try root.makeLink("link", to: "directory")
    #expect(mkfifo(scratch.path + "/pipe", 0o600) == 0)
    for entry in try root.entries() {
      let expected: FileKind =
        switch entry.name {
        case "directory": .directory
        case "file": .file
        case "link": .symbolicLink
        default: .other
        }
      #expect(entry.kind == expected)
      #expect(try root.status(of: entry.name).kind == expected)
    }
  }

  @Test func `each name that is not UTF-8 is listed once`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let odd: [[UInt8]] = [[0xFF], [0xFE], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0xAF]]
    for name in odd { try scratch.touch(bytes: name) }
    try scratch.root().writeFile("\u{FFFD}", "")
    let entries = try scratch.root().entries()
    #expect(entries.count == odd.count + 1)
    #expect(entries.filter(\.isExact).map(\.name) == ["\u{FFFD}"])
  }

  @Test func `a directory with thousands of names is read completely`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    for number in 0..<3000 { try root.makeLink("\(number)", to: "x") }
    #expect(Set(try root.entries().map(\.name)).count == 3000)
    try scratch.remove()
    #expect(throws: SystemError.self) { _ = try status(ofPath: scratch.path) }
  }

  @Test(arguments: ["file", "link", "pipe", "dangling"])
  func `removeTree removes a name that is not a directory`(kind: String) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("kept")
    try root.openDirectory("kept").writeFile("f", "")
    switch kind {
    case "file": try root.writeFile("x", "")
    case "link": try root.makeLink("x", to: "kept")
    case "dangling": try root.makeLink("x", to: "nowhere")
    default: #expect(mkfifo(scratch.path + "/x", 0o600) == 0)
    }
    try root.removeTree("x")
    #expect(try root.entries().map(\.name) == ["kept"])
    #expect(try root.openDirectory("kept").entries().map(\.name) == ["f"])
  }

  @Test func `removeTree removes names of any bytes`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("t")
    try root.openDirectory("t").makeDirectory("sub")
    for name: [UInt8] in [[0xFF], [0x0A], [0x5C], [0xCC, 0x81]] {
      try scratch.touch(bytes: Array("t/".utf8) + name)
      try scratch.touch(bytes: Array("t/sub/".utf8) + name)
    }
    try root.removeTree("t")
    #expect(try root.entries().isEmpty)
  }

  @Test func `removeTree reports the path that it could not remove`() throws {
    let root = try Descriptor.openDirectory("/proc")
    let error = #expect(throws: SystemError.self) { try root.removeTree("version") }
    #expect(error?.path == "/proc/version")
    #expect(error?.call == "unlinkat")
  }
}
