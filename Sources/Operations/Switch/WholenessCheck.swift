internal import Configuration
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport

/// Finds out whether a switch would accept the content of a release, by the quick check that every
/// switch makes.
package struct WholenessCheck {
  let store: Store
  private let ignored: [Glob]

  /// - Parameters:
  ///   - store: the store.
  ///   - ignored: the paths whose differences are ignored; see `verify.ignore`.
  package init(_ store: Store, ignoring ignored: [Glob]) {
    self.store = store
    self.ignored = ignored
  }

  /// Checks the releases that a rollback could choose, in its order, up to the first that it would
  /// accept.
  ///
  /// - Parameter candidates: the releases; see ``Snapshot/rollbackCandidates``.
  /// - Returns: one result for each release that was checked.
  package func checks(of candidates: [ReleaseID]) -> [RollbackCheck] {
    var checks: [RollbackCheck] = []
    for id in candidates {
      let result = result(for: id)
      checks.append(RollbackCheck(id: id, result: result))
      switch result {
      case .notWhole, .unreadable: continue
      case .whole, .unknown: return checks
      }
    }
    return checks
  }

  /// Returns the first release that a rollback would accept; nil when there is none.
  func firstWhole(of candidates: [ReleaseID]) -> ReleaseID? {
    guard let last = checks(of: candidates).last, last.result == .whole else { return nil }
    return last.id
  }

  private func result(for id: ReleaseID) -> RollbackCheck.Result {
    do throws(ReleasesError) {
      let differences = try store.manifests.quickCheck(id, ignoring: ignored)
      // A switch only warns about an adopted release.
      guard let summary = Self.summary(differences), try !store.catalog.isAdopted(id) else {
        return .whole
      }
      return .notWhole("it was modified since it was published: \(summary)")
    } catch let error where error.code == .permission {
      return unreadable(id, error) ?? .unknown(error.line)
    } catch {
      return .notWhole(error.line)
    }
  }

  /// Returns the result for a release that the owner of the store can't read, with the command that
  /// gives it to the owner; nil for any other user, who can't find out.
  private func unreadable(_ id: ReleaseID, _ error: ReleasesError) -> RollbackCheck.Result? {
    let user = ProcessFacts.effectiveUser
    guard let owner = try? store.root.status().owner, owner == user else { return nil }
    let tree = try? store.releases.statusIfPresent(of: id.text)
    let path = store.path(Layout.releases, id.text)
    // The owner of the tree can change its permissions.
    let own = tree?.owner == user ? error.hint : nil
    return .unreadable(error.line, own ?? .give(path, to: owner, includesContent: true))
  }

  /// Returns the first of several differences and how many more there are; nil when there is none.
  static func summary(_ differences: [String]) -> String? {
    guard let first = differences.first else { return nil }
    return first + (differences.count > 1 ? " and \(differences.count - 1) more" : "")
  }
}
