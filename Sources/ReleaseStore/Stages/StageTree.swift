package import Archive
package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The empty directory in a stage into which a release is unpacked.
package struct StageTree: ~Copyable {
  package let directory: Descriptor
  /// What files and directories inherit that are made in it.
  package let inheritance: Inheritance
}

/// What new directories inherit from the directory in which they are made.
private struct InheritedAttributes: Equatable {
  let group: GroupID
  let setsGroup: Bool
  let accessList: [UInt8]?
  let label: [UInt8]?

  /// Reads the attributes of a directory.
  ///
  /// - Throws: `SystemError` when they can't be read.
  init(_ directory: borrowing Descriptor) throws(SystemError) {
    let status = try directory.status()
    group = status.group
    setsGroup = status.permissions & 0o2000 != 0
    accessList = try directory.attribute(AccessList.defaultAttribute)
    label = try directory.attribute(AccessList.labelAttribute)
  }

  /// Whether nothing is inherited that a chmod could undo.
  var isPlain: Bool { !setsGroup && accessList == nil }
}

extension StageFiles {
  /// Makes the tree of a stage so that it inherits what a directory inherits that is made in
  /// `releases/` by hand or by tar(1).
  ///
  /// If a directory inherits more in `releases/` than in the stage, the tree is made in
  /// `releases/`: only that gives it the group, the access lists and the security label. It is
  /// moved to the stage while it is empty, and everything that is made in it inherits the same.
  /// Only the owner may write.
  ///
  /// - Parameter stage: the stage.
  /// - Returns: the empty tree.
  /// - Throws: an error when the tree can't be made; nothing is left of it then.
  package func makeTree(in stage: borrowing Stage) throws(ReleasesError) -> StageTree {
    // A signal in between would remove the stage, and recovery could not find the tree then.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    return try withErrorMessage(
      "can't create a new release in \(path: store.path(Layout.releases))"
    ) {
      () throws(SystemError) in
      let inherited = try InheritedAttributes(store.releases)
      if inherited.isPlain, try inherited == InheritedAttributes(stage.directory) {
        try stage.directory.makeDirectory(Stage.tree, mode: 0o700)
        return StageTree(
          directory: try stage.directory.openDirectory(Stage.tree), inheritance: [])
      }
      let name = Layout.temporaryTree(ofStage: stage.name)
      do throws(SystemError) {
        return try makeTree(name, in: stage)
      } catch {
        try? store.releases.removeTree(name)
        throw error
      }
    }
  }

  private func makeTree(
    _ name: String, in stage: borrowing Stage
  ) throws(SystemError) -> StageTree {
    try store.releases.makeDirectory(name, exactly: 0o755)
    let top = try store.releases.openDirectory(name)
    let inherited = try InheritedAttributes(top)
    var inheritance: Inheritance = inherited.setsGroup ? .group : []
    if inherited.accessList != nil { inheritance.insert(.accessList) }
    guard let list = inherited.accessList.flatMap({ AccessList(decoding: $0) }),
      list != list.writableByOwnerAlone
    else {
      try store.releases.move(name, to: stage.directory, as: Stage.tree)
      return StageTree(directory: top, inheritance: inheritance)
    }
    // A directory one level down inherits the list without the right to write. Changing the access
    // list of `top` itself could clear its set-group-ID bit; see chmod(2).
    try top.setAttribute(AccessList.defaultAttribute, list.writableByOwnerAlone.encoded())
    if try top.status().permissions & 0o700 != 0o700 { try top.setPermissions(0o700) }
    try top.makeDirectory(Stage.tree, exactly: 0o755)
    let tree = try top.openDirectory(Stage.tree)
    try top.move(Stage.tree, to: stage.directory, as: Stage.tree)
    try store.releases.removeDirectory(name)
    return StageTree(directory: tree, inheritance: inheritance)
  }

  /// Finds the stages that no longer exist, but whose tree ``makeTree(in:)`` left in `releases/`.
  /// They only occur after a power failure, when some file systems lose the stage but not the tree.
  ///
  /// - Parameter entry: the last entry of the journal. If it is from the current boot, the result
  ///   is empty without a search, since there may be thousands of releases.
  /// - Returns: the names of the stages.
  /// - Throws: an error when `releases/` can't be listed.
  package func orphanedTrees(since entry: JournalEntry) throws(ReleasesError) -> [String] {
    guard entry.bootID != (try? HostFacts.bootID()) else { return [] }
    let staging = try store.controlDirectory(Layout.staging)
    return try withErrorMessage("can't list \(path: store.path(Layout.releases))") {
      () throws(SystemError) in
      var lost: [String] = []
      for name in try store.releases.entries().map(\.name) {
        guard let stage = Layout.stage(ofTemporaryTree: name),
          try staging.statusIfPresent(of: stage) == nil
        else { continue }
        lost.append(stage)
      }
      return lost
    }
  }

  /// Removes the tree that ``makeTree(in:)`` left in `releases/`, and flushes the removal.
  ///
  /// - Throws: `SystemError` when the tree can't be removed or the removal can't be flushed.
  package func removeTemporaryTree(ofStage stage: String) throws(SystemError) {
    let name = Layout.temporaryTree(ofStage: stage)
    guard try store.releases.statusIfPresent(of: name) != nil else { return }
    try store.releases.removeTree(name)
    try store.releases.sync()
  }
}
