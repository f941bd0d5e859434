internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The stages in `.releases/staging`.
package struct StageFiles: Sendable {
  let store: Store
}

extension Store {
  /// The stages.
  package var stages: StageFiles { StageFiles(store: self) }
}

extension StageFiles {
  /// Removes a stage that is no longer needed.
  ///
  /// - Throws: an error when it can't be removed; the next command that changes the store removes it.
  package func discard(_ stage: borrowing Stage) throws(ReleasesError) {
    let staging = try store.controlDirectory(Layout.staging)
    try withErrorMessage("can't remove the stage \(stage.name)") { () throws(SystemError) in
      try staging.removeTree(stage.name)
    }
  }

  /// Whether the tree of a release is still in its stage.
  ///
  /// - Throws: an error when the stage can't be read.
  package func hasTree(_ stage: String) throws(ReleasesError) -> Bool {
    let staging = try store.controlDirectory(Layout.staging)
    return try withErrorMessage("can't read the stage \(stage)") { () throws(SystemError) in
      do throws(SystemError) {
        return try staging.openDirectory(stage).statusIfPresent(of: Stage.tree) != nil
      } catch let error where error.leadsToNothing {
        return false
      }
    }
  }

  /// Removes a stage that another thread may still be writing to. The next command that changes the
  /// store removes what is left.
  package func removeAtExit(_ name: String) {
    guard let staging = try? store.controlDirectory(Layout.staging) else { return }
    for _ in 0..<5 {
      do throws(SystemError) {
        return try staging.removeTree(name)
      } catch let error where error.errno == .notEmpty {
        continue
      } catch {
        return
      }
    }
  }

  /// Finds the stages whose lock is free, so that their writer is dead.
  ///
  /// - Throws: an error when the stages can't be read.
  package func abandoned() throws(ReleasesError) -> [String] {
    let staging = try store.controlDirectory(Layout.staging)
    return try withErrorMessage("can't read the stages") { () throws(SystemError) in
      var abandoned: [String] = []
      for entry in try staging.entries() where try isAbandoned(entry.name, in: staging) {
        abandoned.append(entry.name)
      }
      return abandoned
    }
  }

  /// Finds the releases whose preparation was interrupted: no process holds the lock of their stage.
  ///
  /// - Parameter preparations: the releases in preparation.
  /// - Returns: the releases whose preparation was interrupted.
  /// - Throws: an error when the stages can't be read.
  package func interrupted(
    among preparations: [CatalogEntry]
  ) throws(ReleasesError) -> [ReleaseID] {
    if preparations.isEmpty { return [] }
    let staging = try store.controlDirectory(Layout.staging)
    return try withErrorMessage("can't read the stages") { () throws(SystemError) in
      var interrupted: [ReleaseID] = []
      for entry in preparations {
        if let stage = entry.stage, Layout.isName(stage), try isInUse(stage, in: staging) {
          continue
        }
        interrupted.append(entry.id)
      }
      return interrupted
    }
  }

  private func isInUse(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    guard try staging.statusIfPresent(of: name) != nil else { return false }
    return try !isAbandoned(name, in: staging)
  }

  private func isAbandoned(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      return try staging.openDirectory(name).tryLock()
    } catch let error where error.errno == .noEntry {
      return false
    } catch let error where error.errno == .notADirectory || error.errno == .tooManyLinks {
      return true
    }
  }
}
