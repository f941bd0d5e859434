import Linux
import ModelTestSupport
import TestSupport
import Testing
import Text

@testable import Manifest

/// Returns texts as bytes, since Swift considers some different names equal.
private func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

@Suite struct TreeComparisonTests {
  @Test func `an unchanged tree has no differences`() throws {
    let tree = try Tree()
    for name in ManifestTests.names where !name.utf8.contains(UInt8(ascii: "/")) {
      try tree.write(name, name)
    }
    let result = try tree.compare(try tree.manifest())
    #expect(result.isIdentical, "\(result)")
  }

  @Test(
    arguments: [
      ("content", "printf y > f", "f: content changed"),
      ("size", "printf xx > f", "f: has 2 bytes, had 1"),
      ("mode", "chmod 600 f", "f: has mode 0600, had 0644"),
      ("target", "ln -sfn g l", "l: points to g, pointed to f"),
      ("link for a file", "ln -sfn g f", "f: is a link, was a file"),
      ("directory for a file", "rm f; mkdir f", "f: is a directory, was a file"),
      ("file for a directory", "rmdir d; touch d", "d: is a file, was a directory"),
      ("file for a link", "rm l; touch l", "l: is a file, was a link"),
      ("fifo for a file", "rm f; mkfifo f", "f: is a special file, was a file"),
      ("gone", "rm f", "f is missing"),
      ("directory mode", "chmod 700 d", "d: has mode 0700, had 0755"),
    ])
  func `each difference is named`(name: String, change: String, says: String) throws {
    let tree = try Tree()
    try tree.write("f", "x")
    try tree.makeDirectories("d")
    try tree.top().makeLink("l", to: "f")
    let manifest = try tree.manifest()
    try Program.shell("cd '\(tree.path)'; \(change)")
    let result = try tree.compare(manifest)
    #expect(result.summary.map(\.text) == [says])
    #expect(!result.isIntact)
  }

  @Test func `added files and changed times count only in a strict comparison`() throws {
    let tree = try Tree()
    try tree.write("f", "x")
    let manifest = try tree.manifest()
    try Program.shell("cd '\(tree.path)'; touch -d 2001-01-01 f; mkdir n; touch n/m")
    let result = try tree.compare(manifest)
    #expect(result.added == ["n", "n/m"])
    #expect(result.touched == ["f"])
    #expect(result.isIntact && !result.isIdentical)
  }

  @Test func `an ignored path is not a difference`() throws {
    let tree = try Tree()
    try tree.makeDirectories("cache")
    try tree.write("cache/f", "x")
    let manifest = try tree.manifest()
    try Program.shell("cd '\(tree.path)'; rm cache/f; touch cache/g")
    try tree.touch(bytes: Array("cache/".utf8) + [0xFF])
    #expect(try tree.compare(manifest, ignored: ["cache/**"]).isIdentical)
    #expect(try !tree.compare(manifest).isIntact)
  }
}

/// Names and targets are bytes: names that Swift considers equal may be two files.
@Suite struct TreeComparisonNameTests {
  @Test func `two spellings of a name are two files`() throws {
    let tree = try Tree()
    try tree.write("\u{E9}", "1")
    try tree.write("e\u{301}", "2")
    let manifest = try tree.manifest()
    #expect(manifest.entries.count == 3)
    #expect(try tree.compare(manifest).isIdentical)
    try Program.shell("cd '\(tree.path)'; printf X > '\u{E9}'")
    let changed = try tree.compare(manifest)
    #expect(bytes(changed.modified.map(\.path)) == bytes(["\u{E9}"]))
    try Program.shell("cd '\(tree.path)'; printf 1 > '\u{E9}'; printf X > 'e\u{301}'")
    #expect(bytes(try tree.compare(manifest).modified.map(\.path)) == bytes(["e\u{301}"]))
  }

  @Test func `another spelling is another name`() throws {
    let tree = try Tree()
    try tree.write("\u{E9}", "x")
    let manifest = try tree.manifest()
    try Program.shell("cd '\(tree.path)'; mv '\u{E9}' 'e\u{301}'")
    let result = try tree.compare(manifest)
    #expect(bytes(result.missing) == bytes(["\u{E9}"]))
    #expect(bytes(result.added) == bytes(["e\u{301}"]))
  }

  @Test func `another spelling is another link target`() throws {
    let tree = try Tree()
    try tree.top().makeLink("l", to: "\u{E9}")
    let manifest = try tree.manifest()
    try Program.shell("cd '\(tree.path)'; ln -sfn 'e\u{301}' l")
    #expect(try tree.compare(manifest).modified.map(\.path) == ["l"])
  }

  @Test func `names that are not UTF-8 are added and never confused`() throws {
    let tree = try Tree()
    try tree.write("a\u{FFFD}", "x")
    let manifest = try tree.manifest()
    try tree.touch(bytes: [0x61, 0xFF])
    try tree.touch(bytes: [0x61, 0xFE])
    let result = try tree.compare(manifest)
    #expect(result.added == ["a\u{FFFD}", "a\u{FFFD}"])
    #expect(result.isIntact)
    try Program.shell("cd '\(tree.path)'; rm 'a\u{FFFD}'")
    #expect(try tree.compare(manifest).missing == ["a\u{FFFD}"])
  }

  @Test func `link targets that are not UTF-8 are differences`() throws {
    let tree = try Tree()
    try tree.top().makeLink("l", to: "x")
    let manifest = try tree.manifest()
    try tree.link("new", toBytes: [0x61, 0xFF])
    try tree.top().unlink("l")
    try tree.link("l", toBytes: [0x78, 0xFF])
    let result = try tree.compare(manifest)
    #expect(result.added == ["new"])
    #expect(
      result.modified.map(\.description) == ["l: points to a path that is not UTF-8, pointed to x"])
  }
}
