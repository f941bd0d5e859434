import Foundation
import Testing

/// A store on a file system of its own that is soon full; unmounted with the value. Only root can
/// have one.
final class SmallDisk {
  static var isPossible: Bool { User.isRoot }
  static let comment: Comment = "a small file system can only be mounted by root"

  let store: TestStore

  /// - Parameter size: in KiB.
  init(size: Int, inodes: Int) throws {
    store = try TestStore(initialized: false)
    try Program.expect(["mkdir", store.path])
    try Program.expect([
      "mount", "-t", "tmpfs", "-o", "size=\(size)k,nr_inodes=\(inodes),mode=755", "tmpfs",
      store.path,
    ])
    try store.expectDone(["init"])
  }

  deinit { _ = try? Program.run(["umount", store.path]) }

  /// Takes all that is left.
  func fill() throws {
    _ = try Program.run(["dd", "if=/dev/zero", "of=\(store.path)/filler", "bs=4096"])
    _ = try Program.run([
      "sh", "-c", "n=0; while : > \"$0/filler.$n\"; do n=$((n+1)); done 2>/dev/null", store.path,
    ])
  }

  func empty() throws {
    try Program.expect(["find", store.path, "-maxdepth", "1", "-name", "filler*", "-delete"])
  }

  /// All that was taken since is given back. The kernel holds on to a sandbox's directory for a
  /// moment after the last process in it has ended.
  func expectSpace(
    _ before: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try store.waitUntil("space \(before) again", sourceLocation: sourceLocation) {
      try space() == before
    }
  }

  /// How many bytes and inodes are left.
  func space() throws -> [String] {
    try Program.expect(["stat", "-f", "-c", "%f %d", store.path]).lines
  }
}
