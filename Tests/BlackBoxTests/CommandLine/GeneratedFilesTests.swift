import Foundation
import TestSupport
import Testing

/// The files in `man/` that are generated from the command table equal what the binary writes.
/// Make generate updates them.
@Suite struct GeneratedFilesTests {
  @Test(arguments: [
    ("man/releases.1", ["generate", "man"]),
    ("man/completions/releases.bash", ["completion", "bash"]),
    ("man/completions/_releases", ["completion", "zsh"]),
    ("man/completions/releases.fish", ["completion", "fish"]),
  ])
  func `a committed generated file equals what the binary writes`(path: String, arguments: [String])
    throws
  {
    let run = try Releases.run(arguments)
    #expect(run.status == 0, "\(run.errors)")
    let committed = try Data(contentsOf: Repository.root.appending(path: path))
    if committed == Data(run.output.utf8) { return }
    let old = String(decoding: committed, as: UTF8.self).components(separatedBy: "\n")
    let new = run.output.components(separatedBy: "\n")
    let line = zip(old, new).prefix { $0 == $1 }.count
    Issue.record("\(path) differs from line \(line + 1) on; write it anew: make generate")
  }

  /// People copy the page from a terminal, or read it through a pager.
  @Test func `generate writes the same page to a terminal and a file`() throws {
    let page = try Releases.run(["generate", "man"]).output
    #expect(try Terminal.run(["generate", "man"], columns: 40) == page)
  }

  @Test func `the directory of completions has no other file`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appending(path: "man/completions").path)
    #expect(files.sorted() == ["_releases", "releases.bash", "releases.fish"])
  }
}
