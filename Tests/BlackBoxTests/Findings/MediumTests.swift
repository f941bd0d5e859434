import Foundation
import TestSupport
import Testing

/// A file system on which no command can change the store.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) struct MediumTests {
  @Test func `a full disk is a problem that every view shows`() throws {
    let disk = try SmallDisk(size: 4096, inodes: 400)
    try disk.store.publishAndActivate(["1", "2"])
    try disk.store.expectFindings([])
    try disk.fill()
    try disk.store.expectFindings(["noSpace"])
    #expect(try disk.store.run(["status"]).status == 7)
    #expect(try disk.store.run(["list"]).output.contains("is full"))
    #expect(try disk.store.run(["metrics"]).output.contains("releases_problems{store=\"\(disk.store.path)\"} 1\n"))
    let hint = try #require(try disk.store.run(["status", "--json"]).findings.first?.command)
    #expect(hint.hasSuffix("prune --dry-run --keep 1 --keep-within 0d"))
    try disk.empty()
    try disk.store.expectFindings([])
  }

  @Test func `a read-only file system is a problem that every view shows`() throws {
    let disk = try SmallDisk(size: 4096, inodes: 400)
    try disk.store.publishAndActivate(["1", "2"])
    try Program.expect(["mount", "-o", "remount,ro", disk.store.path])
    try disk.store.expectFindings(["readOnly"])
    #expect(try disk.store.run(["status"]).status == 7)
    let refused = try disk.store.run(["rollback"])
    #expect(refused.status != 0)
    let hint = try #require(refused.hintCommand)
    let shown = try Program.expect(["sh", "-c", hint])
    #expect(shown.output.contains(disk.store.path), "\(hint): \(shown)")
  }
}
