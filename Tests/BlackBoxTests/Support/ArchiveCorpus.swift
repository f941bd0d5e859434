import Foundation
import TestSupport
import Testing

/// The archives of `Fixtures/make-archives.py`.
struct ArchiveCorpus: Sendable {
  /// An archive that must be rejected.
  struct Hostile: Sendable {
    let path: String
    /// The rule that the archive breaks, or "damaged" for one that breaks none.
    let rule: String
    /// The configuration under which the archive breaks the rule; empty for most.
    let configuration: String
    var name: String { (path as NSString).lastPathComponent }
  }

  let hostile: [Hostile]
  /// The paths of the archives that must be accepted.
  let benign: [String]

  /// The corpus, which is made once for all tests.
  static func made() throws -> ArchiveCorpus { try shared.get() }

  private static let shared = Result { try ArchiveCorpus() }
  private let directory: TemporaryDirectory

  private init() throws {
    directory = try TemporaryDirectory()
    let top = "\(directory.path)/corpus"
    try Program.expect(["python3", Repository.fixture("make-archives.py"), top])
    hostile = try Self.archives("\(top)/hostile").map { path in
      let limits = (try? String(contentsOfFile: path + ".json", encoding: .utf8)) ?? ""
      return Hostile(
        path: path, rule: String((path as NSString).lastPathComponent.prefix { $0 != "-" }),
        configuration: limits.isEmpty ? "" : "unpack: \(limits)\n")
    }
    benign = try Self.archives("\(top)/benign")
    try #require(!hostile.isEmpty && !benign.isEmpty)
  }

  private static func archives(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { !$0.hasSuffix(".json") }.map { "\(folder)/\($0)" }
  }
}
