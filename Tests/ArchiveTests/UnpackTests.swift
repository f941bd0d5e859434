import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

struct UnpackTests {
  @Test func `leading components are stripped`() throws {
    let stage = try TestStage()
    let tree = try stage.unpack(
      try Corpus.benign("missing-parents.tar"), UnpackOptions(stripComponents: 2))
    #expect(tree.entries.map(\.path) == [".", "c", "c/f"])
    #expect(try stage.parent.listing(except: "witness").contains("stage/c/f"))
  }

  @Test func `hard links share one file`() throws {
    let stage = try TestStage()
    let tree = try stage.unpack(try Corpus.benign("plain.tar"))
    let root = try Descriptor.openDirectory(stage.url.path)
    let first = try root.status(of: "d/a")
    #expect(first.isSameFile(as: try root.status(of: "h")))
    #expect(first.isSameFile(as: try root.status(of: "d/h2")))
    #expect(tree.fileCount == 4)
    #expect(tree.byteCount == 16)
  }

  /// A slash before a combining mark is a slash, and two Unicode spellings are two names.
  @Test func `hard links to unusual names share one file`() throws {
    let source = try TemporaryDirectory()
    let make = """
      cd "$1"; mkdir d; printf 1 > "$2z"; printf 2 > "d/$2z"; printf 3 > "d/$3"; printf 4 > "d/$4"
      for name in "$2z" "d/$2z" "d/$3" "d/$4"; do ln "$name" "$name.link"; done
      """
    _ = try run(["sh", "-euc", make, "sh", source.url.path, "\u{301}", "\u{E9}", "e\u{301}"])
    let archive = try run(
      ["tar", "--sort=name", "--format=pax", "-C", source.url.path, "-cf", "-", "."])
    let stage = try TestStage()
    let tree = try stage.unpack(archive)
    #expect(tree.fileCount == 8)
    let root = try Descriptor.openDirectory(stage.url.path)
    for (name, content) in [
      ("\u{301}z", "1"), ("d/\u{301}z", "2"), ("d/\u{E9}", "3"), ("d/e\u{301}", "4"),
    ] {
      let file = try root.open(name, .readOnly)
      #expect(try file.status().isSameFile(as: try root.status(of: name + ".link")))
      #expect(try file.readAll() == Array(content.utf8))
    }
  }

  @Test func `directories get their times after their content`() throws {
    let stage = try TestStage()
    _ = try stage.unpack(try Corpus.benign("plain.tar"))
    let root = try Descriptor.openDirectory(stage.url.path)
    for name in [".", "d"] {
      #expect(try root.status(of: name).modified == FileTime(seconds: 1_700_000_000))
    }
    #expect(try root.status(of: ".").permissions == 0o755)
  }

  @Test func `a warning lists removed special bits`() throws {
    let tree = try TestStage().unpack(try Corpus.benign("modes.tar"))
    #expect(
      tree.warnings == [
        "set-user-ID, set-group-ID or sticky bits removed from 'd' and 1 more",
        "write permission for the group or for others removed from 'world' and 1 more",
      ])
  }

  @Test(arguments: ["link", "file"])
  func `an existing name is neither replaced nor followed`(_ kind: String) throws {
    let stage = try TestStage()
    let root = try Descriptor.openDirectory(stage.url.path)
    if kind == "link" {
      try root.makeLink("a", to: "../witness")
    } else {
      try Data("mine".utf8).write(to: stage.url.appending(path: "a"))
    }
    let code = failure { _ = try stage.unpack(try Corpus.benign("one.tar")) }
    guard case .system(let error) = code else {
      Issue.record("\(String(describing: code))")
      return
    }
    #expect(error.errno == .exists)
    try stage.expectNothingElseTouched()
  }

  @Test func `a directory that was replaced by a link is not followed`() throws {
    let stage = try TestStage()
    let root = try Descriptor.openDirectory(stage.url.path)
    let writer = try TreeWriter(root, []) { _ in }
    var rule = AcceptanceRule()
    func make(_ name: String, in lane: LaneWriter) throws {
      let link = Member(
        name: Array(name.utf8), kind: .symbolicLink(target: Array("x".utf8)), mode: 0o777,
        modified: FileTime(seconds: 0))
      let placements = try rule.accept(link)
      for directory in placements.dropLast() { writer.add(directory: directory) }
      try lane.makeLink(try #require(placements.last), to: "x")
    }
    try make("d/a", in: writer.lanes[0])
    try root.openDirectory("d").unlink("a")
    try root.removeDirectory("d")
    try root.makeLink("d", to: "..")
    // The other lane has not opened the directory yet.
    let code = failure { try make("d/l", in: writer.lanes[1]) }
    guard case .system = code else {
      Issue.record("\(String(describing: code))")
      return
    }
    try stage.expectNothingElseTouched()
  }

  /// tar(1) packs a tree with sparse files.
  @Test(arguments: ["gnu", "pax", "ustar", "v7"])
  func `a tree packed by tar is unpacked`(_ format: String) throws {
    let source = try TemporaryDirectory()
    let folder = source.url.appending(path: "d")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("content".utf8).write(to: folder.appending(path: "f"))
    let hole = try FileHandle(
      forWritingTo: { () -> URL in
        let file = folder.appending(path: "sparse")
        try Data().write(to: file)
        return file
      }())
    try hole.seek(toOffset: 3 << 20)
    try hole.write(contentsOf: Data("end".utf8))
    try hole.truncate(atOffset: 5 << 20)
    try hole.close()
    let sparse = ["gnu", "pax"].contains(format) ? ["--sparse"] : []
    let archive = try run(
      ["tar", "--format=\(format)", "-C", source.url.path] + sparse + ["-cf", "-", "d"])
    let stage = try TestStage()
    let tree = try stage.unpack(archive)
    #expect(tree.entries.map(\.path) == [".", "d", "d/f", "d/sparse"])
    #expect(
      try Data(contentsOf: stage.url.appending(path: "d/sparse"))
        == Data(contentsOf: folder.appending(path: "sparse")))
  }
}
