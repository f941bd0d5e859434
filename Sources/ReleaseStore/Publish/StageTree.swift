internal import Archive
internal import Linux

/// The directory in a stage that a release is unpacked into, still empty.
struct StageTree: ~Copyable {
  let directory: Descriptor
  let inheritance: Inheritance
}

/// What a directory passes on to those that are made in it.
private struct PassedOn: Equatable {
  let group: GroupID
  let setsGroup: Bool
  let accessList: [UInt8]?
  let label: [UInt8]?

  init(_ directory: borrowing Descriptor) throws(SystemError) {
    let status = try directory.status()
    group = status.group
    setsGroup = status.permissions & 0o2000 != 0
    accessList = try directory.attribute(AccessList.defaultAttribute)
    label = try directory.attribute(AccessList.labelAttribute)
  }

  /// Nothing that a chmod could undo.
  var isPlain: Bool { !setsGroup && accessList == nil }
}

extension Store {
  /// Makes the tree of a stage so that it is like one made in `releases/`, by hand or by tar(1). Where
  /// that passes on more than the stage does, the tree is made there: nothing else gives it the group,
  /// the access lists and the security label. It is moved to the stage before there is anything in it,
  /// and all that is made in it inherits the same from it. Only the right to write is for the owner
  /// alone.
  ///
  /// - Throws: ``ReleasesError`` when it can't be made; nothing is left of it then.
  func makeTree(in stage: borrowing Stage) throws(ReleasesError) -> StageTree {
    // A signal that came in between would remove the stage, and leave nothing that names the rest.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    return try attempting("can't make the tree of a new release in \(path(Layout.releases))") {
      () throws(SystemError) in
      let passedOn = try PassedOn(releases)
      if passedOn.isPlain, try passedOn == PassedOn(stage.directory) {
        try stage.directory.makeDirectory(Stage.tree, mode: 0o700)
        return StageTree(
          directory: try stage.directory.openDirectory(Stage.tree), inheritance: [])
      }
      let name = Layout.top(ofStage: stage.name)
      do throws(SystemError) {
        return try makeTree(name, in: stage)
      } catch {
        try? releases.removeTree(name)
        throw error
      }
    }
  }

  private func makeTree(
    _ name: String, in stage: borrowing Stage
  ) throws(SystemError) -> StageTree {
    try releases.makeDirectory(name, exactly: 0o755)
    let top = try releases.openDirectory(name)
    let passedOn = try PassedOn(top)
    var inheritance: Inheritance = passedOn.setsGroup ? .group : []
    if passedOn.accessList != nil { inheritance.insert(.accessList) }
    guard let list = passedOn.accessList.flatMap({ AccessList(decoding: $0) }),
      list != list.writableByOwnerAlone
    else {
      try releases.move(name, to: stage.directory, as: Stage.tree)
      return StageTree(directory: top, inheritance: inheritance)
    }
    // One level down everything follows from the list without the right to write. To change the list
    // of `top` itself could cost it its group's bit, see chmod(2).
    try top.setAttribute(AccessList.defaultAttribute, list.writableByOwnerAlone.encoded())
    if try top.status().permissions & 0o700 != 0o700 { try top.setPermissions(0o700) }
    try top.makeDirectory(Stage.tree, exactly: 0o755)
    let tree = try top.openDirectory(Stage.tree)
    try top.move(Stage.tree, to: stage.directory, as: Stage.tree)
    try releases.removeDirectory(name)
    return StageTree(directory: tree, inheritance: inheritance)
  }

  /// The stages of which ``makeTree(in:)`` left something in `releases/`, and that are gone. While the
  /// machine runs there are none: a stage outlives that. At a power cut some file systems may lose the
  /// stage alone.
  ///
  /// - Parameter entry: the journal's last; where it was written since the machine was started,
  ///   nobody looks: there may be thousands of releases.
  func lostTops(since entry: JournalEntry) throws(ReleasesError) -> [String] {
    guard entry.bootID != (try? ProcessFacts.bootID()) else { return [] }
    let staging = try controlDirectory(Layout.staging)
    return try attempting("can't list \(path(Layout.releases))") { () throws(SystemError) in
      var lost: [String] = []
      for name in try releases.entries().map(\.name) {
        guard let stage = Layout.stage(ofTop: name),
          try staging.statusIfPresent(of: stage) == nil
        else { continue }
        lost.append(stage)
      }
      return lost
    }
  }

  /// Removes what a writer that is gone left of ``makeTree(in:)``, and makes that durable.
  func removeTop(ofStage stage: String) throws(SystemError) {
    let name = Layout.top(ofStage: stage)
    guard try releases.statusIfPresent(of: name) != nil else { return }
    try releases.removeTree(name)
    try releases.sync()
  }
}
