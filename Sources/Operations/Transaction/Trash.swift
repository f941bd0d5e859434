internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// What remains of a release that was removed, because its files could not be removed.
package struct ReleaseRemains: Sendable {
  package let id: ReleaseID
  /// The size of the files that remain, in bytes; nil if it is unknown.
  package let bytes: Int64?
  /// The warning that the operator has got.
  package let warning: Notice
}

/// Something in the trash whose files are to be removed.
struct TrashedItem: Sendable {
  /// Its name in the trash.
  let name: String
  /// The release that this command has moved there; nil for a stage, and for what earlier commands
  /// left.
  var release: ReleaseID?
}

/// The directory `.releases/trash`, into which releases and stages are renamed before their files
/// are removed.
struct Trash {
  let store: Store

  /// Removes the files of items. What can't be removed causes a warning, and the next changing
  /// command tries again.
  ///
  /// - Returns: what remains of the releases that this command has removed.
  func remove(_ items: [TrashedItem], _ observer: Observer) -> [ReleaseRemains] {
    guard !items.isEmpty, let directory = try? store.controlDirectory(Layout.trash) else {
      return []
    }
    var remains: [ReleaseRemains] = []
    for item in items {
      guard let left = directory.removeTreeAsFarAsPossible(item.name) else { continue }
      let warning = warning(about: left, at: store.path(Layout.control, Layout.trash, item.name))
      observer.warn(warning)
      if let id = item.release {
        remains.append(ReleaseRemains(id: id, bytes: left.bytes, warning: warning))
      }
    }
    return remains
  }

  private func warning(about left: TreeRemains, at path: String) -> Notice {
    let files = left.count == 1 ? "1 file" : "\(left.count) files"
    let size = left.bytes.map { " of \(ByteSize(bytes: $0))" } ?? ""
    return Notice(
      "\(path: path) was not removed completely; \(files)\(size) could not be removed: \(left.error)",
      hint: hint(about: left, at: path))
  }

  private func hint(about left: TreeRemains, at path: String) -> Hint {
    let root = Hint.asRoot
    let removal = "\(root)rm -rf -- \(path.shellWord)"
    switch AccessDenial(left.error) {
    case .some(let denial) where denial.reason == .attribute:
      return Hint(
        "\(denial.text); remove the attributes, then the files",
        shell: "\(root)chattr -R -f -ia \(path.shellWord); \(removal)")
    case .some(let denial) where denial.owner != ProcessFacts.effectiveUser:
      return Hint(
        "\(denial.text); only root can remove it",
        shell: removal)
    default:
      return Hint("remove the cause, then try again", command: ["recover"])
    }
  }

  /// Renames a release into the trash, and makes that durable. If it is there already, the process
  /// that renamed it may have been killed before the flush.
  ///
  /// - Throws: an error when the release can't be renamed or the flush fails.
  func add(_ id: ReleaseID, _ transaction: inout Transaction) throws(ReleasesError) {
    let trash = try store.controlDirectory(Layout.trash)
    let name = "\(id).\(uniqueSuffix())"
    let isMoved = try move(id, to: trash, as: name)
    try withErrorMessage("can't remove release \(id)") { () throws(SystemError) in
      try store.releases.sync()
    }
    if isMoved { transaction.removeLater(TrashedItem(name: name, release: id)) }
  }

  /// - Returns: false when there is no directory of the release.
  /// - Throws: an error when the directory can't be moved.
  private func move(
    _ id: ReleaseID, to trash: borrowing Descriptor, as name: String
  ) throws(ReleasesError) -> Bool {
    let path = store.path(Layout.releases, id.text)
    let message: Message = "can't remove release \(id)"
    return try withRemovalError(message, moving: path) { () throws(SystemError) in
      // A prepare hook may have made the whole tree read-only.
      let permissions = store.releases.makeWritableForOwner(id.text)
      do throws(SystemError) {
        try store.releases.move(id.text, to: trash, as: name)
        return true
      } catch let error where error.errno == .noEntry {
        return false
      } catch {
        if let permissions { store.releases.restorePermissions(permissions, of: id.text) }
        throw error
      }
    }
  }

  /// Runs a closure that moves something to the trash.
  ///
  /// - Throws: the error of the closure, with a hint about what must change before it can be removed.
  private func withRemovalError<Result>(
    _ message: Message, moving path: String, _ body: () throws(SystemError) -> Result
  ) throws(ReleasesError) -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      let failure = ReleasesError(message, error)
      guard error.errno.isRefusal, let denial = AccessDenial(moving: path) else { throw failure }
      throw failure.with(Hint(denial, includesContent: true))
    }
  }

  /// Renames the stage of a dead writer into the trash. Its lock is held during the rename, because
  /// a new stage looks abandoned until its writer has locked it.
  ///
  /// - Throws: an error when the stage can't be locked or renamed.
  func add(stage name: String, _ transaction: inout Transaction) throws(ReleasesError) {
    let staging = try store.controlDirectory(Layout.staging)
    let trash = try store.controlDirectory(Layout.trash)
    let target = "\(name).\(uniqueSuffix())"
    let isMoved = try withRemovalError(
      "can't discard the stage \(name)", moving: store.path(Layout.control, Layout.staging, name)
    ) { () throws(SystemError) in
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
    if isMoved { transaction.removeLater(TrashedItem(name: target)) }
  }

  /// Lists what earlier commands left in the trash.
  ///
  /// - Throws: an error when the directory can't be read.
  func items() throws(ReleasesError) -> [TrashedItem] {
    let directory = try store.controlDirectory(Layout.trash)
    return try withErrorMessage("can't list the trash") { () throws(SystemError) in
      try directory.entries()
    }.map { TrashedItem(name: $0.name) }
  }
}
