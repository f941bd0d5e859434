import Archive
import Configuration
import Foundation
import Linux
import Manifest
import ModelTestSupport
import ReleaseModel
import StoreTestSupport
import Testing

@testable import Operations

@Suite struct SharedLinksTests {
  private static func entry(_ path: String, _ content: TreeEntry.Content) -> TreeEntry {
    TreeEntry(path: path, content: content, permissions: 0o755, modified: FileTime(seconds: 1))
  }

  /// Makes files in a tree, shares a path, and compares the returned entries with the tree.
  private func share(_ shared: String, files: [String]) throws -> (
    paths: [String], warnings: [Notice], differences: Verification
  ) {
    let scratch = try ScratchStore()
    try scratch.makeDirectories("releases/1")
    var entries = [Self.entry(".", .directory)]
    var known: Set<[UInt8]> = []
    for file in files {
      let parts = file.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
      for count in 1..<max(parts.count, 1) {
        let directory = parts[..<count].joined(separator: "/")
        if known.insert(Array(directory.utf8)).inserted {
          entries.append(Self.entry(directory, .directory))
        }
      }
      try scratch.makeDirectories("releases/1/" + parts.dropLast().joined(separator: "/"))
      try scratch.write("releases/1/" + file, [])
      entries.append(
        TreeEntry(
          path: file, content: .file(size: 0, digest: SHA256.digest(of: [])), permissions: 0o644,
          modified: FileTime(seconds: 1)))
    }
    var configuration = Configuration()
    configuration.shared.directories = [shared]
    let top = try Descriptor.openDirectory(scratch.path + "/releases/1")
    let links = SharedLinks(configuration: configuration)
    let linked = try links.make(in: top, TreeEntries(entries))
    let verification = try TreeComparison(manifest: Manifest(linked.entries), ignored: [])
      .run(on: top, Verification(id: "1"))
    try links.makeDirectories(in: scratch.store)
    let parts = shared.utf8.split(separator: UInt8(ascii: "/")).count
    let text = try Descriptor.openDirectory("/").readLink(scratch.path + "/releases/1/" + shared)
    #expect(text == String(repeating: "../", count: parts + 1) + "shared/" + shared)
    let target = try status(ofPath: scratch.path + "/releases/1/" + shared)
    #expect(target.kind == .directory, "the link points to the directory that was made for it")
    withExtendedLifetime(scratch) {}
    return (linked.entries.map(\.path).sorted(), linked.warnings, verification)
  }

  @Test(
    arguments: [
      ("nothing there", "logs", [], 0), ("empty already", "a/b/logs", ["a/x"], 0),
      ("files there", "logs", ["logs/old", "logs/deep/er"], 1),
      ("a longer name beside it", "logs", ["logs2", "logs.old/x"], 0),
      ("a file in its place", "logs", ["logs"], 1),
      ("another spelling beside it", "caf\u{E9}", ["cafe\u{301}"], 0),
      ("another spelling with files", "caf\u{E9}", ["cafe\u{301}/x"], 0),
      ("a name beneath that begins with a mark", "logs", ["logs/\u{301}x"], 1),
      ("a directory beneath that begins with a mark", "logs", ["logs/\u{301}d/x"], 1),
      ("a component that begins with a mark", "a/\u{301}b", ["a/x"], 0),
      ("the same, with files", "a/\u{301}b", ["a/\u{301}b/x"], 1),
      ("a parent in another spelling", "\u{E9}/logs", ["e\u{301}/x"], 0),
    ])
  func `the entries match the tree after links to shared paths were made`(
    name: String, shared: String, files: [String], warnings: Int
  ) throws {
    let result = try share(shared, files: files)
    #expect(result.differences.summary == [])
    #expect(result.differences.added == [])
    #expect(result.warnings.count == warnings)
    #expect(result.paths.contains { $0.utf8.elementsEqual(shared.utf8) })
  }

  @Test func `a shared path does not follow a symbolic link`() throws {
    let scratch = try ScratchStore()
    try scratch.makeDirectories("releases/1", "outside")
    let top = try Descriptor.openDirectory(scratch.path + "/releases/1")
    try top.makeLink("a", to: "../../outside")
    var configuration = Configuration()
    configuration.shared.files = ["a/logs"]
    let error = #expect(throws: ReleasesError.self) {
      try SharedLinks(configuration: configuration).make(in: top, TreeEntries())
    }
    #expect(error?.code == .archiveRejected)
    #expect(try Descriptor.openDirectory(scratch.path + "/outside").entries().isEmpty)
  }
}
