import Foundation
import TestSupport
import Testing

/// A store on a small file system of its own that is unmounted with the value. Only root can mount
/// one.
final class SmallDisk {
  static var isPossible: Bool { User.isRoot }
  static let comment: Comment = "a small file system can only be mounted by root"

  let store: TestStore

  /// - Parameters:
  ///   - size: the size of the disk in KiB.
  ///   - inodes: the number of inodes.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  init(size: Int, inodes: Int) throws {
    store = try TestStore(initialized: false)
    try Program.expect(["mkdir", store.path])
    try Program.expect([
      "mount", "-t", "tmpfs", "-o", "size=\(size)k,nr_inodes=\(inodes),mode=755", "tmpfs",
      store.path,
    ])
    try store.expectSuccess(["init"])
  }

  deinit { _ = try? Program.run(["umount", store.path]) }

  /// Uses up all free bytes and inodes.
  func fill() throws {
    _ = try Program.run(["dd", "if=/dev/zero", "of=\(store.path)/filler", "bs=4096"])
    _ = try Program.run([
      "sh", "-c", "n=0; while : > \"$0/filler.$n\"; do n=$((n+1)); done 2>/dev/null", store.path,
    ])
  }

  func empty() throws {
    try Program.expect(["find", store.path, "-maxdepth", "1", "-name", "filler*", "-delete"])
  }

  /// Expects that the free space returns to a former value. The kernel releases a sandbox's
  /// directory only some time after its last process has ended.
  func expectSpace(
    _ before: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try store.waitUntil("space \(before) again", sourceLocation: sourceLocation) {
      try space() == before
    }
  }

  /// Returns the free blocks and inodes.
  func space() throws -> [String] {
    try Program.expect(["stat", "-f", "-c", "%f %d", store.path]).lines
  }
}
