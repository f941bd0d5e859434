import Archive
import Linux
import ModelTestSupport
import ReleaseModel
import TestSupport
import Testing
import Text

@testable import Manifest

extension Tree {
  /// Runs the check, passing `step` bytes of the manifest at a time; nil for a text that is not a
  /// manifest.
  fileprivate func look(
    by text: [UInt8], ignored: [String] = [], step: Int = 256 << 10
  ) throws -> Verification? {
    let check = QuickCheck(try top(), ignored.compactMap(Glob.init(parsing:)))
    for start in stride(from: 0, to: text.count, by: step) {
      text[start..<min(text.count, start + step)].withUnsafeBytes { check.take($0) }
    }
    return try check.finish(Verification(id: "1"))
  }
}

/// The check before every switch.
@Suite struct QuickCheckTests {
  @Test(
    arguments: [
      ("content", "printf y > f", []),
      ("something new", "touch new", []),
      ("time", "touch -d 2001-01-01 f", []),
      ("size", "printf xx > f", ["f: has 2 bytes, had 1"]),
      ("mode", "chmod 600 f", ["f: has mode 0600, had 0644"]),
      ("target", "ln -sfn g l", ["l: points to g, pointed to f"]),
      ("link for a file", "ln -sfn g f", ["f: is a link, was a file"]),
      ("directory for a file", "rm f; mkdir f", ["f: is a directory, was a file"]),
      ("file for a link", "rm l; touch l", ["l: is a file, was a link"]),
      ("fifo for a file", "rm f; mkfifo f", ["f: is a special file, was a file"]),
      ("gone", "rm f", ["f is missing"]),
      ("directory mode", "chmod 700 d", ["d: has mode 0700, had 0755"]),
      ("the top's mode", "chmod 700 .", [".: has mode 0700, had 0755"]),
      ("a directory gone", "rm -r d/e", ["d/e is missing", "d/e/g is missing"]),
      (
        "a file for a directory", "rm -r d/e; touch d/e",
        ["d/e/g is missing", "d/e: is a file, was a directory"]
      ),
      (
        "a link to the same for a directory", "mv d/e e2; ln -s ../e2 d/e",
        ["d/e/g is missing", "d/e: is a link, was a directory"]
      ),
    ])
  func `each difference is named`(name: String, change: String, says: [String]) throws {
    let tree = try Tree()
    try Program.shell("cd '\(tree.path)'; mkdir -p d/e; printf x > d/e/g; printf x > f; ln -s f l")
    let text = try tree.manifest().encoded()
    #expect(try tree.look(by: text)?.summary == [])
    try Program.shell("cd '\(tree.path)'; \(change)")
    #expect(try tree.look(by: text)?.summary.map(\.text) == says)
  }

  @Test func `an ignored path is not a difference`() throws {
    let tree = try Tree()
    try Program.shell("cd '\(tree.path)'; mkdir cache; touch cache/f cache/g")
    let text = try tree.manifest().encoded()
    try Program.shell("cd '\(tree.path)'; rm cache/f; chmod 600 cache/g")
    #expect(try tree.look(by: text, ignored: ["cache/**"])?.summary == [])
    #expect(try tree.look(by: text)?.summary.count == 2)
  }

  /// The pieces are checked by several threads.
  @Test(arguments: [1, 100, 32 << 10, 32 << 10 + 1, 1 << 20])
  func `a long manifest is complete however its text is divided`(step: Int) throws {
    let tree = try Tree()
    let names = (0..<1_500).map { "d\($0 % 40)/a file's name of some length \($0)" }.sorted {
      $0.comesBefore($1)
    }
    let top = TreeEntry(
      path: ".", content: .directory, permissions: 0o755, modified: FileTime(seconds: 0))
    let files = names.map {
      TreeEntry(
        path: $0, content: .file(size: 0, digest: SHA256.digest(of: [])), permissions: 0o644,
        modified: FileTime(seconds: 1))
    }
    let text = Manifest([top] + files).encoded()
    #expect(text.count > 200_000)
    #expect(try tree.look(by: text, step: step)?.missing == names)
  }

  /// When no thread is free, the reader checks a piece itself.
  @Test func `no piece is lost when more pieces wait than threads take`() throws {
    let lines = (10_000..<50_000).map { "./\($0)-some-name type=dir mode=0755\n" }
    let text = "#mtree v2.0\n. type=dir mode=0755\n" + lines.joined()
    #expect(text.utf8.count > 24 * (32 << 10))
    #expect(try Tree().look(by: Array(text.utf8), step: 1 << 20)?.missing.count == lines.count)
  }

  @Test(arguments: [1, 2, 3, 4, 5]) func `the quick check finds what a full comparison finds`(
    seed: UInt64
  ) throws {
    var chance = SeededGenerator(seed: seed)
    let tree = try Tree()
    try Program.shell(
      """
      cd '\(tree.path)'
      for d in a a.b a/b "a b" é; do
        mkdir -p "$d"
        for f in 1 2 3 .x 'ö f' a; do printf x > "$d/$f.${f}$d" 2>/dev/null || printf x > "$d/$f"; done
        ln -s 1 "$d/link"
      done
      """)
    let manifest = try tree.manifest()
    let paths = manifest.entries.map(\.path).filter { $0 != "." }
    for path in paths.shuffled(using: &chance).prefix(12) {
      let change = ["rm -rf", "printf xy >", "chmod 700", "rm -rf", "touch"].randomElement(
        using: &chance)!
      try Program.shell("cd '\(tree.path)'; \(change) '\(path)' 2>/dev/null || :")
    }
    let whole = try tree.compare(manifest)
    let quick = try #require(try tree.look(by: manifest.encoded(), step: 1_000))
    #expect(quick.missing == whole.missing)
    #expect(quick.modified == whole.modified.filter { $0.change != "content changed" })
  }

  /// The top is the first entry, names are sorted and relative, and each line has one spelling.
  @Test(arguments: [
    "", "#mtree v2.0\n", ". type=dir mode=0755\n", "#mtree v2.0\n. type=dir mode=0755",
    "#mtree v2.0\n./a type=dir mode=0755\n", "START" + "x", "START. type=dir mode=0755\n",
    "START./b type=dir mode=0755\n./a type=dir mode=0755\n",
    "START./a type=dir mode=0755\n./a type=dir mode=0755\n", "START./.. type=dir mode=0755\n",
    "START./. type=dir mode=0755\n", "START./a/ type=dir mode=0755\n",
    "START./a//b type=dir mode=0755\n", "START./a/../b type=dir mode=0755\n",
    "START./a/./b type=dir mode=0755\n", "START.//a type=dir mode=0755\n",
    "START./\\056\\056/2 type=dir mode=0755\n", "START./a\0b type=dir mode=0755\n",
  ])
  func `text that is not a manifest is not accepted`(text: String) throws {
    let tree = try Tree()
    let text = Array(text.replacing("START", with: "#mtree v2.0\n. type=dir mode=0755\n").utf8)
    #expect(try tree.look(by: text) == nil)
    #expect(Manifest(decoding: text) == nil)
  }

  @Test(arguments: ["...", "..a", "a/.b", "a/...", ".a/..b/c"])
  func `a name may contain dots`(path: String) throws {
    let text = "#mtree v2.0\n. type=dir mode=0755\n./\(path) type=dir mode=0755\n"
    #expect(try Tree().look(by: Array(text.utf8))?.missing == [path])
  }

  /// The lengths include a text that ends at the end of a piece.
  @Test(arguments: [(32 << 10) - 54, (32 << 10) - 53, 32 << 10, 100_000])
  func `a line may be longer than a piece`(length: Int) throws {
    let start = "#mtree v2.0\n. type=dir mode=0755\n"
    let path = String(repeating: "d/", count: length / 2) + "d"
    let text = start + "./\(path) type=dir mode=0755\n"
    #expect(try Tree().look(by: Array(text.utf8))?.missing == [path])
    #expect(Manifest(decoding: Array(text.utf8))?.entries.count == 2)
  }

  /// The last of several pieces has a name that is too long for every file system.
  @Test func `a path that cannot be read is an error`() throws {
    let lines = (1_000..<2_000).map {
      "./\($0)-" + String(repeating: "x", count: 100) + " type=dir mode=0755\n"
    }
    let start = "#mtree v2.0\n. type=dir mode=0755\n" + lines.joined()
    let text = start + "./z" + String(repeating: "z", count: 300) + " type=dir mode=0755\n"
    let error = #expect(throws: SystemError.self) { try Tree().look(by: Array(text.utf8)) }
    #expect(error?.errno == .nameTooLong)
    // An invalid manifest takes precedence over the error.
    #expect(try Tree().look(by: Array((text + "x").utf8)) == nil)
  }

  @Test func `a check that is not finished ends its threads`() throws {
    let tree = try Tree()
    let text = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
    let check = QuickCheck(try tree.top(), [])
    text.withUnsafeBytes { check.take($0) }
  }

  /// Each piece is sorted, but the second should come before the first.
  @Test func `the order of lines is checked between pieces`() throws {
    let tree = try Tree()
    let start = "#mtree v2.0\n. type=dir mode=0755\n"
    let lines = (1_000..<1_600).map {
      "./\($0)-" + String(repeating: "x", count: 100) + " type=dir mode=0755\n"
    }
    let fitting = ((32 << 10) - start.utf8.count) / lines[0].utf8.count
    let text = start + lines.suffix(fitting).joined() + lines.dropLast(fitting).joined()
    #expect(try tree.look(by: Array(text.utf8)) == nil)
    let sorted = start + lines.joined()
    #expect(try tree.look(by: Array(sorted.utf8))?.missing.count == lines.count)
  }
}
