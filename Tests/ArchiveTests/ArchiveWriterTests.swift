import Foundation
import Linux
import Testing

@testable import Archive

@Suite struct ArchiveWriterTests {
  private let time = FileTime(seconds: 1_700_000_000)

  private func archive(_ members: [(name: String, content: String)]) throws -> Data {
    let writer = try ArchiveWriter()
    for member in members {
      try writer.addFile(
        member.name, Array(member.content.utf8), permissions: 0o600, modified: time)
    }
    return Data(try writer.finish())
  }

  @Test func `tar lists the names, modes, owners and times that were written`() throws {
    let archive = try archive([("d/report.txt", "text"), ("d/empty", "")])
    let listing = try run(
      ["env", "TZ=UTC0", "tar", "--numeric-owner", "--full-time", "-tvzf", "-"], input: archive)
    let lines = String(decoding: listing, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines == [
        "-rw------- 0/0 4 2023-11-14 22:13:20 d/report.txt",
        "-rw------- 0/0 0 2023-11-14 22:13:20 d/empty",
      ])
  }

  @Test func `the archive can be unpacked`() throws {
    let stage = try TestStage()
    let text = String(repeating: "a line of a report\n", count: 40_000)
    let tree = try stage.unpack(try archive([("d/report.txt", text), ("d/empty", "")]))
    #expect(tree.entries.map(\.path) == [".", "d", "d/empty", "d/report.txt"])
    #expect(
      try String(contentsOf: stage.url.appending(path: "d/report.txt"), encoding: .utf8) == text)
  }

  @Test func `the same members give the same bytes`() throws {
    let first = try archive([("a", "text")])
    #expect(try archive([("a", "text")]) == first)
    #expect(first[4..<8] == Data(count: 4), "the gzip header contains no time")
  }

  @Test func `a name that the format can't store is an error`() throws {
    let writer = try ArchiveWriter()
    let name = String(repeating: "n", count: 300)
    let failure = #expect(throws: ArchiveWriter.Failure.self) {
      try writer.addFile(name, [], permissions: 0o600, modified: time)
    }
    #expect(failure?.call == "archive_write_header")
  }
}
