import Foundation
import Linux
import Testing

@testable import Archive

struct CorpusTests {
  @Test func `the corpus is complete`() {
    #expect(Corpus.all.hostile.count >= 300)
    #expect(Corpus.all.benign.count >= 40)
    let rules = Set(Corpus.all.hostile.map { $0.name.prefix { $0 != "-" } })
    for rule in ArchiveError.Rule.allCases {
      #expect(rules.contains(rule.rawValue[...]), "no archive breaks the rule \(rule)")
    }
    let names = Corpus.all.hostile.map(\.name)
    for attack in [
      "2024-12718", "2025-4138", "2025-4330", "2025-4517", "2025-62518", "2026-23745",
      "2026-23950", "2026-24842", "2026-26960",
    ] {
      #expect(names.contains { $0.contains("cve-\(attack)") }, "no archive for CVE-\(attack)")
    }
  }

  /// The limits of the process stop these, so they are tested with the worker.
  private static let stoppedByProcess = ["tooMuchProcessorTime", "damaged-xz-dictionary"]

  @Test(
    arguments: Corpus.all.hostile.filter { fixture in
      !stoppedByProcess.contains { fixture.name.hasPrefix($0) }
    })
  func `a hostile archive is rejected by its rule`(_ fixture: Fixture) throws {
    let stage = try TestStage()
    let options = try fixture.options
    let code = failure { _ = try stage.unpack(fixture.data, options) }
    let rule = String(fixture.name.prefix { $0 != "-" })
    if rule == "damaged" {
      switch code {
      case .truncated, .unreadable, .unsupported: break
      default: Issue.record("\(String(describing: code))")
      }
    } else {
      let wanted = try #require(ArchiveError.Rule(rawValue: rule))
      #expect(code == .rejected(wanted), "\(String(describing: code))")
    }
    try stage.expectNothingElseTouched()
  }

  @Test(arguments: Corpus.all.benign)
  func `a benign archive unpacks to what was packed`(_ fixture: Fixture) throws {
    let stage = try TestStage()
    let tree = try stage.unpack(fixture.data)
    try check(tree, fixture, in: stage)
    try stage.expectNothingElseTouched()
  }

  @Test(arguments: Corpus.all.benign.filter { $0.data.count < 60_000 })
  func `an archive from a pipe unpacks to the same tree`(_ fixture: Fixture) throws {
    let stage = try TestStage()
    try check(try stage.unpackFromPipe(fixture.data), fixture, in: stage)
  }

  @Test(arguments: Compressor.allCases)
  func `a compressed archive unpacks to the same tree`(_ compressor: Compressor) throws {
    let fixture = try #require(Corpus.all.benign.first { $0.name == "plain.tar" })
    let stage = try TestStage()
    let tree = try stage.unpack(try compressor.compress(fixture.data))
    try check(tree, fixture, in: stage)
  }

  /// Two consecutive frames are one stream.
  @Test(arguments: Compressor.allCases.filter { $0 != .none })
  func `consecutive frames are joined`(_ compressor: Compressor) throws {
    let data = try Corpus.benign("one.tar")
    let joined =
      try compressor.compress(data.prefix(700)) + compressor.compress(data.dropFirst(700))
    #expect(try TestStage().unpack(joined).fileCount == 1)
  }

  private struct Expected: Decodable {
    var path: String
    var sha256: String?
    var size: Int64?
    var mode: UInt32?
    var mtime: Int64?
    var target: String?
  }

  private func check(_ tree: UnpackedTree, _ fixture: Fixture, in stage: TestStage) throws {
    let expected = try JSONDecoder().decode([Expected].self, from: fixture.expectation)
    let root = try Descriptor.openDirectory(stage.url.path)
    // The bytes are compared, since Swift treats NFC and NFD as equal.
    let wanted = expected.map { Array($0.path.utf8) }
    #expect(
      tree.entries.map { Array($0.path.utf8) }
        == [Array(".".utf8)] + wanted.sorted { $0.lexicographicallyPrecedes($1) })
    for entry in tree.entries where entry.path != "." {
      let found = try root.status(of: entry.path)
      let name = Array(entry.path.utf8)
      let want = try #require(expected.first { Array($0.path.utf8) == name })
      // The parent of the worker sets the times of links.
      let isLink = found.kind == .symbolicLink
      #expect(isLink || found.modified == entry.modified, "\(entry.path)")
      if let mode = want.mode { #expect(found.permissions == mode, "\(entry.path)") }
      if let mtime = want.mtime, !fixture.name.hasPrefix("long") {
        #expect(entry.modified.seconds == mtime, "\(entry.path)")
      }
      switch entry.content {
      case .directory:
        #expect(found.kind == .directory && found.permissions == entry.permissions)
      case .symbolicLink(let target):
        #expect(try root.readLink(entry.path) == target && target == want.target)
      case .file(let size, let digest):
        let bytes = try root.open(entry.path, .readOnly).readAll()
        #expect(SHA256.digest(of: bytes) == digest && digest.hex == want.sha256)
        #expect(size == want.size && found.size == size)
        #expect(found.permissions == entry.permissions)
      }
    }
  }
}

/// A program that compresses archives.
enum Compressor: String, CaseIterable, CustomTestStringConvertible {
  case none, gzip, zstd, xz, bzip2, lz4

  var testDescription: String { rawValue }

  func compress(_ data: Data) throws -> Data {
    self == .none ? data : try run([rawValue, "-c"], input: data)
  }
}
