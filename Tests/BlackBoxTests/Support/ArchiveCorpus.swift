import Foundation
import TestSupport
import Testing

/// The archives of `Fixtures/make-archives.py`, as files beside a store.
struct ArchiveCorpus {
  /// An archive that must be rejected.
  struct Hostile {
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

  init(in directory: String) throws {
    let top = "\(directory)/corpus"
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
