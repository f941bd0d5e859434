internal import Configuration
internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Finds out whether a switch would accept the content of a release: by the quick check that every
/// switch makes, and by the programs of the release that the switch would run.
package struct WholenessCheck {
  let store: Store
  private let configuration: Configuration
  private let programs: ReleasePrograms

  /// - Parameters:
  ///   - store: the store.
  ///   - configuration: its configuration.
  ///   - programs: its hooks and its health check.
  init(_ store: Store, _ configuration: Configuration, _ programs: ReleasePrograms) {
    self.store = store
    self.configuration = configuration
    self.programs = programs
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
      checks.append(result)
      switch result.result {
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

  /// Compares the content of the live release with its manifest, as for a rollback target. Files that
  /// were added are no difference: a prepare hook and the application itself make some.
  ///
  /// - Parameter id: the live release.
  /// - Returns: the result.
  package func checkOfLive(_ id: ReleaseID) -> RollbackCheck {
    do throws(ReleasesError) {
      return try contentCheck(of: id)
    } catch {
      return RollbackCheck(id: id, result: .unknown(error.line))
    }
  }

  private func result(for id: ReleaseID) -> RollbackCheck {
    do throws(ReleasesError) {
      if let error = try store.ownershipProblem(of: id) {
        return RollbackCheck(
          id: id, result: .notWhole(error.line), refusal: error.code, hint: error.hint)
      }
      if let error = programs.problems(in: configuration.programsOfSwitch, of: id).first {
        throw error
      }
      return try contentCheck(of: id)
    } catch let error where error.code == .permission {
      return RollbackCheck(id: id, result: unreadable(id, error) ?? .unknown(error.line))
    } catch {
      let isAboutProgram = [.configuration, .unsafeOwner].contains(error.code)
      return RollbackCheck(
        id: id, result: .notWhole(error.line), refusal: isAboutProgram ? error.code : .modified)
    }
  }

  /// Makes the quick check of a switch.
  ///
  /// - Throws: an error when the release, its manifest or its catalog entry can't be read.
  private func contentCheck(of id: ReleaseID) throws(ReleasesError) -> RollbackCheck {
    let differences = try store.manifests.quickCheck(id, ignoring: configuration.verify.ignore)
    // A switch only warns about an adopted release.
    guard let summary = Self.summary(differences), try !store.catalog.isAdopted(id) else {
      return RollbackCheck(id: id, result: .whole)
    }
    return RollbackCheck(
      id: id, result: .notWhole("it was modified after it was published: \(summary)"))
  }

  /// Returns the result for a release that the owner of the store can't read, with the command that
  /// gives it to the owner; nil for any other user, who can't find out.
  private func unreadable(_ id: ReleaseID, _ error: ReleasesError) -> RollbackCheck.Result? {
    guard let ownership = try? store.ownership(), ownership.isOfThisUser else { return nil }
    let tree = try? store.releases.statusIfPresent(of: id.text)
    let path = store.path(Layout.releases, id.text)
    // The owner of the tree can change its permissions.
    let own = tree?.owner == ownership.owner ? error.hint : nil
    return .unreadable(error.line, own ?? .give(path, to: ownership.owner, includesContent: true))
  }

  /// Returns the first of several differences and how many more there are; nil when there is none.
  static func summary(_ differences: [Message]) -> Message? {
    guard let first = differences.first else { return nil }
    return first + (differences.count > 1 ? " and \(differences.count - 1) more" : "")
  }
}
