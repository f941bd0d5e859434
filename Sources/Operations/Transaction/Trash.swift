internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// The directory `.releases/trash`, into which releases and stages are renamed before their files
/// are removed.
struct Trash {
  let store: Store

  /// Removes names from the trash. A name that can't be removed causes a warning, and the next changing
  /// command tries again.
  func remove(_ names: [String], _ observer: Observer) {
    guard !names.isEmpty, let directory = try? store.controlDirectory(Layout.trash) else { return }
    for name in names {
      do throws(SystemError) {
        try directory.removeTree(name)
      } catch {
        observer.warn("can't remove \(name) from the trash, the next command tries again: \(error)")
      }
    }
  }

  /// Renames a release into the trash, and makes that durable. If it is there already, the process
  /// that renamed it may have been killed before the flush.
  ///
  /// - Throws: an error when the release can't be renamed or the flush fails.
  func add(_ id: ReleaseID, _ transaction: inout Transaction) throws(ReleasesError) {
    let trash = try store.controlDirectory(Layout.trash)
    let name = "\(id).\(uniqueSuffix())"
    let isMoved = try withErrorMessage("can't remove release \(id)") { () throws(SystemError) in
      var isMoved = true
      do throws(SystemError) {
        try store.releases.move(id.text, to: trash, as: name)
      } catch let error where error.errno == .noEntry {
        isMoved = false
      }
      try store.releases.sync()
      return isMoved
    }
    if isMoved { transaction.removeLater(name) }
  }

  /// Renames the stage of a dead writer into the trash. Its lock is held during the rename, because
  /// a new stage looks abandoned until its writer has locked it.
  ///
  /// - Throws: an error when the stage can't be locked or renamed.
  func add(stage name: String, _ transaction: inout Transaction) throws(ReleasesError) {
    let staging = try store.controlDirectory(Layout.staging)
    let trash = try store.controlDirectory(Layout.trash)
    let target = "\(name).\(uniqueSuffix())"
    let isMoved = try withErrorMessage("can't discard the stage \(name)") {
      () throws(SystemError) in
      do throws(SystemError) {
        let stage = try staging.openDirectory(name)
        guard try stage.tryLock() else { return false }
        // This comes first, since a later recovery finds the temporary tree by the stage.
        try store.stages.removeTemporaryTree(ofStage: name)
        try staging.move(name, to: trash, as: target)
      } catch let error where error.errno == .notADirectory || error.errno == .tooManyLinks {
        try staging.move(name, to: trash, as: target)
      } catch let error where error.errno == .noEntry {
        return false
      }
      return true
    }
    if isMoved { transaction.removeLater(target) }
  }

  /// Lists what earlier commands left in the trash.
  ///
  /// - Throws: an error when the directory can't be read.
  func names() throws(ReleasesError) -> [String] {
    let directory = try store.controlDirectory(Layout.trash)
    return try withErrorMessage("can't list the trash") { () throws(SystemError) in
      try directory.entries()
    }.map(\.name)
  }
}
