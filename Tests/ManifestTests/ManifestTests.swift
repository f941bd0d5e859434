import Archive
import Foundation
import Linux
import TestSupport
import Testing

@testable import Manifest

@Suite struct ManifestTests {
  static let names = [
    "plain", "a space", "line\nbreak", "back\\slash", "\\012", "#comment", "key=value", "a*?[b]",
    "tab\tbell\u{7}", "quote\"'", "é", "e\u{301}", "日本", "👩‍👩‍👧", "\u{301}", "\u{301}mark",
    "d/\u{301}mark", "\u{FFFD}", "\u{7F}", "...", ".hidden", "-", "link=x type=dir", "a\r",
    "K", "\u{212A}", "d/#", "~", "%20", "{a,b}",
  ]

  private static let top = TreeEntry(
    path: ".", content: .directory, permissions: 0o755, modified: FileTime(seconds: 0))

  private static func file(_ path: String) -> TreeEntry {
    TreeEntry(
      path: path, content: .file(size: 3, digest: SHA256.digest(of: path.utf8)),
      permissions: 0o640, modified: FileTime(seconds: 1_762_171_200, nanoseconds: 123))
  }

  private static func link(_ path: String, _ target: String) -> TreeEntry {
    TreeEntry(
      path: path, content: .symbolicLink(target: target), permissions: 0o777,
      modified: FileTime(seconds: -2, nanoseconds: 999_999_999))
  }

  /// Swift considers "é" and "e\u{301}" equal; a manifest must not.
  private static func bytes(_ entry: TreeEntry) -> [[UInt8]] {
    guard case .symbolicLink(let target) = entry.content else { return [Array(entry.path.utf8)] }
    return [Array(entry.path.utf8), Array(target.utf8)]
  }

  @Test(arguments: names) func `a name is decoded byte for byte`(name: String) throws {
    let manifest = Manifest([Self.top, Self.file(name)])
    let encoded = manifest.encoded()
    #expect(encoded.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A }, "plain text")
    let decoded = try #require(Manifest(decoding: encoded))
    #expect(decoded == manifest)
    #expect(decoded.entries.map(Self.bytes) == manifest.entries.map(Self.bytes))
  }

  @Test(arguments: names + ["../x", "/absolute", "."])
  func `a link target is decoded byte for byte`(target: String) throws {
    let manifest = Manifest([Self.top, Self.link("l", target)])
    let decoded = try #require(Manifest(decoding: manifest.encoded()))
    #expect(decoded == manifest)
    #expect(decoded.entries.map(Self.bytes) == manifest.entries.map(Self.bytes))
  }

  @Test func `the order of the entries is fixed`() throws {
    let manifest = Manifest([Self.top] + Self.names.map(Self.file))
    #expect(manifest.fileCount == Self.names.count)
    #expect(manifest.byteCount == Int64(3 * Self.names.count))
    let decoded = try #require(Manifest(decoding: manifest.encoded()))
    #expect(decoded.entries.map(Self.bytes) == manifest.entries.map(Self.bytes))
    let shuffled = Manifest(manifest.entries.reversed())
    #expect(shuffled.encoded() == manifest.encoded())
  }

  @Test(
    arguments: [
      (0, 0), (0, 1), (1, 999_999_999), (-1, 0), (-1, 500_000_000), (Int64(Int32.max) + 1, 7),
      (-62_135_596_800, 1),
    ] as [(Int64, Int64)])
  func `a time is decoded with its nanoseconds`(seconds: Int64, nanoseconds: Int64) throws {
    var entry = Self.file("f")
    entry = TreeEntry(
      path: entry.path, content: entry.content, permissions: 0,
      modified: FileTime(seconds: seconds, nanoseconds: nanoseconds))
    let decoded = try #require(Manifest(decoding: Manifest([Self.top, entry]).encoded()))
    #expect(decoded.entries.last == entry)
  }

  /// Another implementation decodes the names; see mtree(8).
  @Test func `mtree finds each file by its name in the manifest`() throws {
    let tree = try Tree()
    let directory = try TemporaryDirectory()
    var entries = [Self.top]
    for name in Self.names.filter({ !$0.utf8.contains(UInt8(ascii: "/")) }) {
      try tree.write(name, name)
      let status = try tree.top().status(of: name)
      entries.append(
        TreeEntry(
          path: name, content: .file(size: status.size, digest: SHA256.digest(of: name.utf8)),
          permissions: status.permissions, modified: status.modified))
    }
    let manifest = "\(directory.path)/manifest"
    try Data(Manifest(entries).encoded()).write(to: URL(fileURLWithPath: manifest))
    try Program.expect(["mtree", "-k", "type,sha256", "-p", tree.path, "-f", manifest])
  }
}

@Suite struct ManifestErrorTests {
  private static let top = ". type=dir mode=0755\n"
  private static let start = "#mtree v2.0\n" + top
  private static let digest = String(repeating: "0a", count: 32)
  private static let file = "./f type=file mode=0644 size=1 time=1.000000000 sha256digest=DIGEST"

  private static func manifest(_ text: String) -> Manifest? {
    Manifest(decoding: Array(text.replacing("DIGEST", with: digest).utf8))
  }

  @Test func `the form that is written is read`() {
    #expect(Self.manifest(Self.start + Self.file + "\n")?.entries.count == 2)
  }

  @Test(arguments: [
    "", top, "#mtree v1.0\n. type=dir mode=0755\n", "#mtree v2.0\n", "#mtree v2.0\n\(file)\n",
    "#mtree v2.0\n. type=dir mode=0755", " #mtree v2.0\n. type=dir mode=0755\n",
  ])
  func `text that is not a manifest is not decoded`(text: String) {
    #expect(Self.manifest(text) == nil)
  }

  @Test(arguments: [
    ("no word", " "), ("a name outside", "f type=dir mode=0755"),
    ("no name", "./ type=dir mode=0755"), ("no type", "./f mode=0644"),
    ("unknown type", "./f type=block mode=0644"), ("no mode", "./d type=dir"),
    ("no octal mode", "./d type=dir mode=0789"), ("negative mode", "./d type=dir mode=-755"),
    ("signed mode", "./d type=dir mode=+755"), ("a mode too large", "./d type=dir mode=010000"),
    ("no size", "./f type=file mode=0644 time=1.000000000 sha256digest=DIGEST"),
    ("negative size", "./f type=file mode=0644 size=-1 time=1.000000000 sha256digest=DIGEST"),
    ("size beyond 64 bits", "./f type=file mode=0644 size=9223372036854775808 time=1.000000000"),
    ("no digest", "./f type=file mode=0644 size=1 time=1.000000000"),
    ("short digest", "./f type=file mode=0644 size=1 time=1.000000000 sha256digest=0a"),
    ("no time", "./f type=file mode=0644 size=1 sha256digest=DIGEST"),
    ("time without fraction", "./f type=file mode=0644 size=1 time=1 sha256digest=DIGEST"),
    ("short fraction", "./f type=file mode=0644 size=1 time=1.5 sha256digest=DIGEST"),
    ("negative fraction", "./f type=file mode=0644 size=1 time=1.-00000001 sha256digest=DIGEST"),
    ("no target", "./l type=link mode=0777 time=1.000000000"),
    ("word without value", "./d type=dir mode=0755 optional"),
    ("keyword twice", "./d type=dir mode=0755 mode=0700"),
    ("unfinished escape", "./d\\01 type=dir mode=0755"),
    ("escape beyond a byte", "./d\\400 type=dir mode=0755"),
    ("a name with a zero", "./d\\000 type=dir mode=0755"),
    ("escape that is not octal", "./d\\08z type=dir mode=0755"),
    ("a name that is not UTF-8", "./d\\377 type=dir mode=0755"),
    ("the same name twice", "./d type=dir mode=0755\n./d type=dir mode=0700"),
  ])
  func `a malformed line is not decoded`(name: String, line: String) {
    #expect(Self.manifest(Self.start + line + "\n") == nil)
  }

  @Test func `a manifest that ends within a line is not decoded`() {
    let text = Array((Self.start + Self.file + "\n").replacing("DIGEST", with: Self.digest).utf8)
    for count in 0..<text.count where text[..<count].last != UInt8(ascii: "\n") {
      #expect(Manifest(decoding: Array(text[..<count])) == nil, "\(count) bytes")
    }
  }

  @Test func `a line of any length takes little memory and is invalid`() {
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    var cutter = ManifestCutter()
    var reader = ManifestReader()
    for _ in 0..<16 {
      zeros.withUnsafeBytes { bytes in
        reader.take(bytes)
        #expect(cutter.take(bytes).count > 0)
      }
    }
    #expect(reader.finish() == nil)
  }
}
