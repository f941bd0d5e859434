internal import Linux

/// Writes what was accepted: files and symbolic links by several lanes, which may be threads, and
/// what depends on more than one of them before and after that.
final class TreeWriter {
  static let laneCount = 2

  let lanes: [LaneWriter]
  private let directories: DirectoryTable
  private let inheritance: Inheritance
  private let reporter: TreeReporter
  private var hardLinks: [(node: Int32, target: Int32)] = []

  /// - Parameter receiver: told of each thing once it is as it will stay, by one thread or
  ///   another but one call after the other.
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

  /// Announces a directory, before anything that is in it.
  func add(directory placement: Placement) { directories.add(placement) }

  /// The link is made in ``finish()``: any lane may be about to make the file.
  func add(hardLink place: Place, to target: Place) {
    hardLinks.append((Int32(place.node), Int32(target.node)))
  }

  /// Makes what is left once the lanes are done, and gives the directories their modes and times,
  /// the inner ones first.
  ///
  /// - Parameter place: that of a node, which is not kept here for each.
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
    try system { () throws(SystemError) in
      try existing.descriptor.makeHardLink(place.name, in: parent.descriptor, to: target.name)
    }
    try reporter.report([.hardLink(path: place.path, target: target.path)])
  }

  private func finishDirectory(
    _ entry: DirectoryTable.Entry, path: String
  ) throws(ArchiveError) {
    let directory = try lanes[0].directory(Int(entry.node))
    let status = try system { () throws(SystemError) in
      try applyPermissions(of: directory.descriptor, entry.permissions)
      if let modified = entry.modified { try directory.descriptor.setModified(modified) }
      return try directory.descriptor.status()
    }
    // Report the actual permissions: a chmod may clear the set-group-ID bit, see chmod(2).
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
