import Linux
import Testing
import Text

@testable import Archive

/// Compact representations keep their values.
struct CompactTests {
  @Test func `a digest is parsed and printed as hexadecimal digits`() throws {
    let digits = "00ff0123456789abcdef" + String(repeating: "7e", count: 22)
    let digest = try #require(Digest(hex: digits))
    #expect(digest.hex == digits)
    #expect(digest.bytes.prefix(4) == [0x00, 0xFF, 0x01, 0x23])
    #expect(Digest(hex: digits.uppercased()) == digest)
    var text = Array("x".utf8)
    digest.appendHex(to: &text)
    #expect(text == Array(("x" + digits).utf8))
    for index in 0..<64 {
      var wrong = Array(digits.utf8)
      wrong[index] = UInt8(ascii: "g")
      #expect(Digest(hex: String(decoding: wrong, as: UTF8.self)) == nil)
      wrong[index] = digits.utf8[digits.utf8.index(digits.startIndex, offsetBy: index)] ^ 1
      #expect(Digest(hex: String(decoding: wrong, as: UTF8.self)) != digest)
    }
    #expect(Digest(hex: digits.dropLast()) == nil && Digest(hex: digits + "0") == nil)
  }

  /// The digests are those of the example in FIPS 180-4 and of no bytes.
  @Test func `a hash computation starts again after its digest`() {
    var hash = SHA256()
    Array("abc".utf8).withUnsafeBytes { hash.update($0) }
    #expect(
      hash.finish().hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hash.finish().hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test(arguments: [
    ("a", true), ("a/b", true), ("...", true), ("a/..b/.c", true), ("\u{301}", true), ("", false),
    ("/a", false), ("a/", false), ("a//b", false), (".", false), ("a/.", false), ("./a", false),
    ("..", false), ("a/../b", false), ("a\0", false), (String(repeating: "n", count: 256), false),
    (String(repeating: "a/", count: 2048) + "a", false),
  ])
  func `only normalized paths are accepted`(_ path: String, _ isNormal: Bool) {
    #expect(MemberName.isNormal(path) == isNormal)
  }

  @Test(arguments: ["Makefile", "[z{@Z`_^", "STRASSE 0-9.~", "", "a\u{7F}"])
  func `ASCII names are folded like all others`(_ name: String) {
    #expect(MemberName.folded(name) == name.uppercased().lowercased())
  }

  @Test(arguments: [
    ("\u{212A}", "k"), ("k", "\u{212A}"), ("\u{E9}", "E\u{301}"), ("Stra\u{DF}e", "STRASSE"),
    ("\u{FB01}x", "FIX"), (String(repeating: "A", count: 200), String(repeating: "a", count: 200)),
  ])
  func `names with the same folded name collide`(_ one: String, _ other: String) throws {
    for directory in ["", "d/"] {
      var tree = MemberTree()
      _ = try tree.add((directory + one).nameComponents, .directory)
      let code = failure { _ = try tree.add((directory + other).nameComponents, .file) }
      #expect(code == .rejected(.collision))
      _ = try tree.add(["elsewhere", other], .file)
    }
  }

  @Test func `thousands of nodes are found`() throws {
    var tree = MemberTree()
    var nodes: [String: MemberTree.NodeID] = [:]
    for number in 0..<5000 {
      let path = "d\(number % 7)/\u{E9}\(number % 11)/f\(number)"
      nodes[path] = try tree.add(path.nameComponents, .symbolicLink(target: path)).node
    }
    #expect(tree.count == 5000 + 7 + 77)
    for (path, node) in nodes {
      #expect(tree.find(path.nameComponents) == node && tree.path(of: node) == path)
      #expect(tree.kind(of: node) == .symbolicLink(target: path))
      #expect(tree.place(of: node).name == path.nameComponents.last)
    }
    #expect(tree.links.map(\.node) == nodes.values.sorted())
    #expect(tree.find(["d0", "e\u{301}0"]) == nil, "another spelling")
    #expect(tree.find(["d7"]) == nil && tree.find(["d1", "f1"]) == nil)
  }

  @Test func `messages are decoded as they were encoded`() throws {
    let time = FileTime(seconds: -1, nanoseconds: 999_999_999)
    let digest = SHA256.digest(of: [1, 2, 3])
    let entries: [TreeEntry] = [
      ("d", .directory), ("e\u{301}/\u{1F600}", .file(size: .max, digest: digest)),
      ("l", .symbolicLink(target: "../x")),
    ].map { TreeEntry(path: $0, content: $1, permissions: 0o755, modified: time) }
    var state = Sandbox.State()
    state.layers = [.landlock]
    state.missing = [.init(.seccomp, reason: "no such call")]
    let messages: [WorkerMessage] =
      entries.map { .written(.entry($0)) } + [
        .written(.hardLink(path: "a", target: "b")), .written(.progress(7)),
        .finished(warnings: ["", "w"]), .sandboxed(state), .failed(ArchiveError(.truncated)),
      ]
    for message in messages {
      let encoded = message.encoded()
      let body = encoded.dropFirst(8)
      #expect(encoded[...].number(at: 0, 8) == Int64(body.count))
      #expect(WorkerMessage(decoding: body) == message)
      for count in 0..<body.count { #expect(WorkerMessage(decoding: body.prefix(count)) == nil) }
      #expect(WorkerMessage(decoding: body + [0]) == nil)
    }
  }

  @Test func `entries are stored, sorted and found`() throws {
    let digest = SHA256.digest(of: [])
    let made = ["b", "a/b", "+page", "a", ".", "\u{E9}", "e\u{301}", "a+", ".x"].map {
      TreeEntry(
        path: $0,
        content: $0 == "b" ? .symbolicLink(target: "a/b") : .file(size: 1, digest: digest),
        permissions: 0o7777, modified: FileTime(seconds: -5, nanoseconds: 7))
    }
    var entries = TreeEntries(made)
    #expect(Array(entries) == made && entries.byteCount == 8 && entries.fileCount == 8)
    entries.sort()
    #expect(
      entries.map { Array($0.path.utf8) }
        == [".", "+page", ".x", "a", "a+", "a/b", "b", "e\u{301}", "\u{E9}"].map {
          Array($0.utf8)
        })
    for (index, entry) in entries.enumerated() {
      #expect(entries.sortedIndex(of: entry.path) == index)
      for guess in -1...entries.count {
        #expect(entries.sortedIndex(of: entry.path, guess: guess) == index)
      }
    }
    #expect(entries.sortedIndex(of: "a/") == nil && entries.sortedIndex(of: "") == nil)
    entries.removeAll { $0.path == "a" }
    #expect(entries.count == 8 && entries.sortedIndex(of: "a") == nil)
  }

  @Test func `hard links become files in any order of entries`() throws {
    let digest = SHA256.digest(of: [7])
    let file = TreeEntry(
      path: "m", content: .file(size: 3, digest: digest), permissions: 0o640,
      modified: FileTime(seconds: 5, nanoseconds: 6))
    var collector = TreeCollector()
    for (path, target) in [("a", "z"), ("z", "m"), ("b", "m"), ("c", "a")] {
      _ = collector.add(.hardLink(path: path, target: target))
    }
    _ = collector.add(.entry(file))
    let finished = collector.finish(warnings: [])
    let tree = try #require(finished)
    #expect(tree.entries.map(\.path) == ["a", "b", "c", "m", "z"])
    #expect(tree.entries.allSatisfy { $0.content == file.content && $0.modified == file.modified })
    #expect(tree.entries.allSatisfy { $0.permissions == 0o640 })
    #expect(tree.fileCount == 5 && tree.byteCount == 3)
  }

  @Test(arguments: [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "d")], [("a", "none")]])
  func `a hard link without a file is rejected`(_ links: [(String, String)]) {
    var collector = TreeCollector()
    _ = collector.add(
      .entry(
        TreeEntry(
          path: "d", content: .directory, permissions: 0o755, modified: FileTime(seconds: 0))))
    for (path, target) in links { _ = collector.add(.hardLink(path: path, target: target)) }
    let finished = collector.finish(warnings: [])
    #expect(finished == nil)
  }
}
