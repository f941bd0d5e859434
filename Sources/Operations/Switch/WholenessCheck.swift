internal import Configuration
package import ReleaseModel
package import ReleaseStore

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
      if case .notWhole = result { continue }
      break
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
      return .unknown(error.line)
    } catch {
      return .notWhole(error.line)
    }
  }

  /// Returns the first of several differences and how many more there are; nil when there is none.
  static func summary(_ differences: [String]) -> String? {
    guard let first = differences.first else { return nil }
    return first + (differences.count > 1 ? " and \(differences.count - 1) more" : "")
  }
}
