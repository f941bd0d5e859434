import Foundation
import TestSupport
import Testing

extension TestStore {
  static let readingCommands = [
    ["list"], ["status"], ["history"], ["show", "rolled"], ["prune", "--dry-run"],
    ["verify", "--all"], ["check"], ["--help"], ["help", "activate"], ["help", "unpack"],
    ["activate", "--dry-run", "pinned"], ["recover", "--dry-run"],
  ]

  /// Returns a store with a live release, a rollback target, bad releases, and texts in many
  /// scripts.
  static func withTexts() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["pinned", "live", "rolled"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["pin", "pinned", "--reason", "last one with the old schema"])
    let archive = try store.archive(["VERSION": "x", "a  name with spaces": "y"])
    try store.expectSuccess(["unpack", archive, "--id", "chinese", "--ref", "版本-一二三四五六七八九十"])
    try store.expectSuccess([
      "mark", "chinese", "bad", "--reason", "内存泄漏 under load, cafe\u{301} 😀, see ticket 4711",
    ])
    try store.expectSuccess(["unpack", archive, "--id", "spaced", "--ref", "feature/billing-1762"])
    try store.write("releases/spaced/a  name with spaces", "changed")
    return store
  }
}
