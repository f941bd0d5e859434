import Foundation
import Testing

/// The files in `man/` that are made from the command table, held against what the built binary
/// makes: whoever changes a command runs `make generate`.
@Suite struct GeneratedFilesTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: [
    ("man/releases.1", ["generate", "man"]),
    ("man/completions/releases.bash", ["completion", "bash"]),
    ("man/completions/_releases", ["completion", "zsh"]),
    ("man/completions/releases.fish", ["completion", "fish"]),
  ])
  func `a committed generated file equals what the binary writes`(path: String, arguments: [String]) throws {
    let run = try Releases.run(arguments)
    #expect(run.status == 0, "\(run.errors)")
    let committed = try Data(contentsOf: Self.root.appending(path: path))
    if committed == Data(run.output.utf8) { return }
    let old = String(decoding: committed, as: UTF8.self).components(separatedBy: "\n")
    let new = run.output.components(separatedBy: "\n")
    let line = zip(old, new).prefix { $0 == $1 }.count
    Issue.record("\(path) differs from line \(line + 1) on; write it anew: make generate")
  }

  /// On a terminal too: it may be copied from there, or piped through a pager's terminal.
  @Test func `generate writes the same page to a terminal and a file`() throws {
    let page = try Releases.run(["generate", "man"]).output
    #expect(try Terminal.run(["generate", "man"], columns: 40) == page)
  }

  @Test func `the directory of completions has no other file`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "man/completions").path)
    #expect(files.sorted() == ["_releases", "releases.bash", "releases.fish"])
  }
}
