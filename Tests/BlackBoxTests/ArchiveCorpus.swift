import Foundation
import Testing

/// The archives that `Fixtures/make-archives.py` makes, as files beside a store.
struct ArchiveCorpus {
  /// One that must be rejected.
  struct Hostile {
    let path: String
    /// What it breaks; "damaged" for one that breaks no rule.
    let rule: String
    /// The configuration that makes it so, none for most.
    let configuration: String
    var name: String { (path as NSString).lastPathComponent }
  }

  let hostile: [Hostile]
  /// Paths of those that must be accepted.
  let benign: [String]

  init(in directory: String) throws {
    let top = "\(directory)/corpus"
    try Program.expect(["python3", Self.fixture("make-archives.py"), top])
    hostile = try Self.archives("\(top)/hostile").map { path in
      let limits = (try? String(contentsOfFile: path + ".json", encoding: .utf8)) ?? ""
      return Hostile(
        path: path, rule: String((path as NSString).lastPathComponent.prefix { $0 != "-" }),
        configuration: limits.isEmpty ? "" : "unpack: \(limits)\n")
    }
    benign = try Self.archives("\(top)/benign")
    try #require(!hostile.isEmpty && !benign.isEmpty)
  }

  /// The path of something in `Fixtures`.
  static func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/\(name)").standardized.path
  }

  private static func archives(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { !$0.hasSuffix(".json") }.map { "\(folder)/\($0)" }
  }
}

/// A file system with nothing on it but a store and what surrounds it, watched as a whole: see
/// `Fixtures/watch-files.py`.
final class WatchedStore {
  static var isPossible: Bool { User.isRoot }
  static let comment: Comment = "a whole file system can only be watched by root"

  let store: TestStore
  private let log: String
  private var watcher: Companion?

  init() throws {
    store = try TestStore(initialized: false)
    log = store.directory + ".watched"
    try Program.expect(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", store.directory])
    try store.expectDone(["init"])
  }

  deinit {
    _ = watcher?.end()
    _ = try? Program.run(["umount", store.directory])
    _ = try? Program.run(["rm", "-f", log])
  }

  func watch() throws {
    watcher = try Companion(
      ["python3", ArchiveCorpus.fixture("watch-files.py"), store.directory, log])
    try #require(watcher?.firstAnswer() == "watching\n")
  }

  /// Ends the watching.
  ///
  /// - Returns: all that was done but beneath these paths of the store. What was done in a directory
  ///   that is gone is left out: it was made beneath them, or its making is told.
  func changes(except allowed: [String]) throws -> [String] {
    #expect(watcher?.end() == 0)
    watcher = nil
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    // Else nothing was watched at all.
    try #require(lines.contains { $0.hasPrefix("create ") })
    return lines.map(String.init).filter { line in
      !line.contains(" 'gone")
        && !allowed.contains { line.contains(" '\(store.path)/\($0)/") }
    }
  }
}
