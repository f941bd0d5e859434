import Foundation
import TestSupport
import Testing

/// A store on a file system of a certain kind in a file that is unmounted with the value.
final class LoopDisk {
  enum Kind: String, Sendable, CaseIterable { case xfs, btrfs, ext4 }

  /// Only root can mount a file, and some containers forbid it.
  static let isPossible: Bool = {
    guard User.isRoot, let disk = try? LoopDisk(.ext4) else { return false }
    return disk.store.exists("releases")
  }()
  static let comment: Comment =
    "a file system in a file can only be mounted by root with loop devices"

  /// The size in bytes; mkfs.xfs needs at least 300 MiB.
  private static let size = "400M"

  let store: TestStore

  init(_ kind: Kind) throws {
    store = try TestStore(initialized: false)
    let image = "\(store.directory)/image"
    try Program.expect(["mkdir", store.path])
    try Program.expect(["truncate", "-s", Self.size, image])
    try Program.expect(["mkfs.\(kind.rawValue)", "-q", image])
    try Program.expect(["mount", "-o", "loop", image, store.path])
    // mkfs creates this directory, which is no part of a store.
    try Program.expect(["rm", "-rf", "\(store.path)/lost+found"])
    try store.expectSuccess(["init"])
  }

  deinit { _ = try? Program.run(["umount", store.path]) }

  /// Returns the used bytes of the disk after a flush.
  func used() throws -> Int {
    try Program.expect(["sync", "-f", store.path])
    // XFS defers the removal of deleted inodes until a freeze.
    try Program.expect(["fsfreeze", "-f", store.path])
    try Program.expect(["fsfreeze", "-u", store.path])
    let fields = try Program.expect(["stat", "-f", "-c", "%b %f %S", store.path]).output
      .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(fields.count == 3)
    return (fields[0] - fields[1]) * fields[2]
  }

  /// Returns whether a file of the store shares all its blocks with another file.
  func isShared(_ name: String) throws -> Bool {
    try Program.expect(["sync", "-f", store.path])
    let extents = try Program.expect(["filefrag", "-v", "\(store.path)/\(name)"]).lines
      .filter { $0.contains("..") }
    return !extents.isEmpty && extents.allSatisfy { $0.contains("shared") }
  }
}
