import Foundation

/// A directory that is removed with the value.
package final class TemporaryDirectory: Sendable {
  /// The absolute path.
  package let path: String

  /// Makes a directory that other users can enter.
  ///
  /// - Throws: an error of Foundation when the directory cannot be created.
  package init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("releases-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  }

  deinit {
    if (try? FileManager.default.removeItem(atPath: path)) != nil { return }
    // Tests remove permissions, which an ordinary user has to restore before the removal. Foundation
    // cannot remove names that are not UTF-8, and rm(1) can.
    let remove = "rm -rf \"$0\" 2>/dev/null || { chmod -R u+rwX \"$0\"; rm -rf \"$0\"; }"
    _ = try? Program.run(["sh", "-c", remove, path])
  }
}
