internal import Linux

/// Writes the accepted entries. Several lanes, each on its own thread, write files and symbolic
/// links. Directories are added before that, and hard links, modes and times of directories follow
/// at the end.
final class TreeWriter {
  static let laneCount = 2

  let lanes: [LaneWriter]
  private let directories: DirectoryTable
  private let inheritance: Inheritance
  private let reporter: TreeReporter
  private var hardLinks: [(node: Int32, target: Int32)] = []

  /// Prepares to write a tree.
  ///
  /// - Parameters:
  ///   - stage: the empty directory to write to.
  ///   - inheritance: what new files inherit from the stage.
  ///   - receiver: receives each entry when it has its final form, on any thread, but never two at
  ///     once.
  /// - Throws: `ArchiveError` when the stage can't be opened.
  init(
    _ stage: borrowing Descriptor, _ inheritance: Inheritance,
    _ receiver: @escaping TreeReporter.Receiver
  ) throws(ArchiveError) {
    self.inheritance = inheritance
    directories = DirectoryTable(inheritance)
    reporter = TreeReporter(receiver)
    var lanes: [LaneWriter] = []
    for _ in 0..<Self.laneCount {
      lanes.append(try LaneWriter(stage, directories, inheritance, reporter))
    }
    self.lanes = lanes
  }

  /// Adds a directory. Call it before anything in the directory is added.
  func add(directory placement: Placement) { directories.add(placement) }

  /// Adds a hard link, which ``finish(_:)`` makes, since any lane may make its target.
  func add(hardLink place: Place, to target: Place) {
    hardLinks.append((Int32(place.node), Int32(target.node)))
  }

  /// Makes the hard links and sets the modes and times of the directories, the innermost first. All
  /// lanes must have finished.
  ///
  /// - Parameter place: returns the place of a node, which is not stored here.
  /// - Throws: `ArchiveError` of the first call that failed.
  func finish(_ place: (MemberTree.NodeID) -> Place) throws(ArchiveError) {
    for link in hardLinks { try makeHardLink(place(Int(link.node)), to: place(Int(link.target))) }
    for index in (0..<directories.count).reversed() {
      let entry = directories.entry(at: index)
      try finishDirectory(entry, path: place(Int(entry.node)).path)
    }
  }

  private func makeHardLink(_ place: Place, to target: Place) throws(ArchiveError) {
    let parent = try lanes[0].directory(place.parent)
    let existing = try lanes[0].directory(target.parent)
    try withArchiveError { () throws(SystemError) in
      try existing.descriptor.makeHardLink(place.name, in: parent.descriptor, to: target.name)
    }
    try reporter.report([.hardLink(path: place.path, target: target.path)])
  }

  private func finishDirectory(
    _ entry: DirectoryTable.Entry, path: String
  ) throws(ArchiveError) {
    let directory = try lanes[0].directory(Int(entry.node))
    let status = try withArchiveError { () throws(SystemError) in
      try applyPermissions(of: directory.descriptor, entry.permissions)
      if let modified = entry.modified { try directory.descriptor.setModified(modified) }
      return try directory.descriptor.status()
    }
    // Report the actual permissions: a chmod may clear the set-group-ID bit; see chmod(2).
    let done = TreeEntry(
      path: path, content: .directory,
      permissions: inheritance.isEmpty ? entry.permissions : status.permissions,
      modified: status.modified)
    try reporter.report([.entry(done)])
  }

  private func applyPermissions(
    of directory: borrowing Descriptor, _ wanted: FileMode
  ) throws(SystemError) {
    if inheritance.isEmpty { return try directory.setPermissions(wanted) }
    let found = try directory.status().permissions
    let permissions = inheritance.permissions(ofDirectory: found, wanted: wanted)
    if found != permissions { try directory.setPermissions(permissions) }
  }
}
