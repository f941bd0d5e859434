import Foundation
import TestSupport
import Testing

/// A store on a file system of its own that is watched as a whole; see `Fixtures/watch-files.py`.
final class WatchedStore {
  static var isPossible: Bool { User.isRoot }
  static let comment: Comment = "a whole file system can only be watched by root"

  let store: TestStore
  private let log: String
  private var watcher: BackgroundProgram?

  init() throws {
    store = try TestStore(initialized: false)
    log = store.directory + ".watched"
    try Program.expect(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", store.directory])
    try store.expectSuccess(["init"])
  }

  deinit {
    _ = watcher?.end()
    _ = try? Program.run(["umount", store.directory])
    _ = try? Program.run(["rm", "-f", log])
  }

  func watch() throws {
    watcher = try BackgroundProgram(
      ["python3", Repository.fixture("watch-files.py"), store.directory, log])
    try #require(watcher?.firstOutput() == "watching\n")
  }

  /// Ends the watch.
  ///
  /// - Returns: all changes outside these paths of the store. Changes in a directory that no longer
  ///   exists are left out: it was below these paths, or its creation is in the list.
  func changes(except allowed: [String]) throws -> [String] {
    #expect(watcher?.end() == 0)
    watcher = nil
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    // Without any event the watch did not work.
    try #require(lines.contains { $0.hasPrefix("create ") })
    return lines.map(String.init).filter { line in
      !line.contains(" 'gone")
        && !allowed.contains { line.contains(" '\(store.path)/\($0)/") }
    }
  }
}
