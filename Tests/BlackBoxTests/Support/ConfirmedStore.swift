import Foundation
import TestSupport
import Testing

extension TestStore {
  /// Returns a store where 2 is live, 1 was live before and 3 is ready. The hooks of 3 fail as its
  /// version says.
  static func withHealthyReleases(andThird version: String) throws -> TestStore {
    let store = try TestStore()
    try store.writeHooks(prepare: false)
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.packRelease("good \(id)"), "--id", id])
    }
    try store.expectSuccess(["unpack", try store.packRelease(version), "--id", "3"])
    _ = store.takeHookLines()
    return store
  }
}
