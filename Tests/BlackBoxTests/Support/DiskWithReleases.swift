import Foundation
import TestSupport
import Testing

extension SmallDisk {
  /// Returns a disk of 4 MiB times a factor with releases 1, 2 and 3 of 900 KiB times that factor.
  /// 3 is live and 2 is the rollback target.
  static func withReleases(
    keep: String, inodes: Int = 400, times factor: Int = 1
  ) throws -> SmallDisk {
    let disk = try SmallDisk(size: 4096 * factor, inodes: inodes)
    for id in ["1", "2", "3"] {
      try disk.store.expectSuccess([
        "unpack", try disk.store.incompressible(kib: 900 * factor), "--id", id,
      ])
      try disk.store.expectSuccess(["activate", id])
    }
    try disk.store.write("releases.yaml", "keep: \(keep)\n")
    return disk
  }
}
