internal import Linux

/// Writes accepted members beneath an open directory, never above it and never through a link.
final class TreeWriter {
  /// Told of each thing as soon as it is as it will stay.
  typealias Report = (WrittenEntry) throws(ArchiveError) -> Void

  /// A directory we made.
  private struct OwnDirectory {
    let place: Place
    var permissions: FileMode
    /// Nil for one that no member has named.
    var modified: FileTime?
  }

  /// In bytes.
  private static let reportInterval: Int64 = 16 << 20

  private let report: Report
  private var written: Int64 = 0
  private var reported: Int64 = 0
  private var directories: [MemberTree.NodeID: OwnDirectory] = [:]
  private var open: OpenDirectories
  private var file: (writer: FileWriter, placement: Placement, size: Int64)?

  init(_ stage: borrowing Descriptor, _ report: @escaping Report) throws(ArchiveError) {
    self.report = report
    open = try OpenDirectories(top: stage)
    let top = Place(node: MemberTree.top, parent: MemberTree.top, name: ".", path: ".")
    directories[MemberTree.top] = OwnDirectory(place: top, permissions: 0o755)
  }

  /// Makes what the placement says. The content of a file follows, and then ``finishFile()``.
  func make(_ placement: Placement) throws(ArchiveError) {
    let place = placement.place
    switch placement.content {
    case .directory: try makeDirectory(placement)
    case .file(let size):
      let parent = try directory(place.parent)
      file = (try FileWriter(place.name, in: parent.descriptor), placement, size)
    case .symbolicLink(let target):
      let parent = try directory(place.parent)
      let modified = placement.modified ?? FileTime(seconds: 0)
      try system { () throws(SystemError) in
        try parent.descriptor.makeLink(place.name, to: target)
        try parent.descriptor.setModified(modified, of: place.name)
      }
      try report(
        .entry(
          TreeEntry(
            path: place.path, content: .symbolicLink(target: target),
            permissions: placement.permissions, modified: modified)))
    case .hardLink(let target):
      let parent = try directory(place.parent)
      let existing = try directory(target.parent)
      try system { () throws(SystemError) in
        try existing.descriptor.makeHardLink(
          place.name, in: parent.descriptor, to: target.name)
      }
      try report(.hardLink(path: place.path, target: target.path))
    }
  }

  /// More of the file made last.
  func append(_ piece: ContentPiece) throws(ArchiveError) {
    guard let file else { preconditionFailure("content without a file") }
    try file.writer.append(piece)
    written += piece.count
    if written - reported >= Self.reportInterval {
      reported = written
      try report(.progress(written))
    }
  }

  /// All content of the file made last has been appended.
  ///
  /// - Parameter digest: of that content.
  func finishFile(_ digest: Digest) throws(ArchiveError) {
    guard let (writer, placement, size) = file else { preconditionFailure("no file is open") }
    file = nil
    guard writer.size == size else { throw ArchiveError(.rejected(.sizeLies)) }
    let modified = placement.modified ?? FileTime(seconds: 0)
    try writer.finish(placement.permissions, modified)
    try report(
      .entry(
        TreeEntry(
          path: placement.place.path, content: .file(size: size, digest: digest),
          permissions: placement.permissions, modified: modified)))
  }

  /// Gives the directories their modes and times, the inner ones first.
  func finish() throws(ArchiveError) {
    for node in directories.keys.sorted(by: >) {
      guard let own = directories[node] else { continue }
      let directory = try directory(node)
      let modified = try system { () throws(SystemError) in
        try directory.descriptor.setPermissions(own.permissions)
        if let modified = own.modified { try directory.descriptor.setModified(modified) }
        return try directory.descriptor.status().modified
      }
      try report(
        .entry(
          TreeEntry(
            path: own.place.path, content: .directory, permissions: own.permissions,
            modified: modified)))
    }
  }

  // MARK: - Directories

  /// Closed to everybody else until the end, and so that the writer itself gets in.
  private func makeDirectory(_ placement: Placement) throws(ArchiveError) {
    let place = placement.place
    if directories[place.node] == nil {
      let parent = try directory(place.parent)
      try system { () throws(SystemError) in
        try parent.descriptor.makeDirectory(place.name, mode: 0o700)
      }
    }
    directories[place.node] = OwnDirectory(
      place: place, permissions: placement.permissions, modified: placement.modified)
  }

  private func directory(_ node: MemberTree.NodeID) throws(ArchiveError) -> OpenDirectory {
    if let found = open[node] { return found }
    guard let own = directories[node] else { preconditionFailure("a directory nobody made") }
    let parent = try directory(own.place.parent)
    return try open.add(node, own.place.name, in: parent)
  }
}

/// What has been written by now.
enum WrittenEntry: Equatable {
  case entry(TreeEntry)
  /// A second name, and the first one; paths from the top.
  case hardLink(path: String, target: String)
  /// So much content in all, in bytes. Now and then.
  case progress(Int64)
}
