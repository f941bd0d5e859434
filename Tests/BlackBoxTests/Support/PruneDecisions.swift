import Foundation
import TestSupport
import Testing

extension Releases.Run {
  /// Returns the action and the reason of prune for each release.
  func decisions() throws -> [String: String] {
    let decisions = try #require(try json["decisions"] as? [[String: String]])
    return Dictionary(
      uniqueKeysWithValues: decisions.map {
        ($0["id"] ?? "", "\($0["action"] ?? ""): \($0["reason"] ?? "")")
      })
  }
}

extension TestStore {
  /// The command that retains one release and what must not be removed.
  static let pruneByCount = ["prune", "--keep", "1", "--keep-within", "0d"]
}
