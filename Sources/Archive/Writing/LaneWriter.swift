internal import Linux

/// Writes files and symbolic links beneath an open directory, never above it and never through a
/// link, and hashes what it writes. Several can work on one tree.
final class LaneWriter {
  private let directories: DirectoryTable
  private let reporter: TreeReporter
  private let inheritance: Inheritance
  private let hasher = ContentHasher()
  private var open: DirectoryCache
  /// What is done and has not been reported.
  private var done: [WrittenEntry] = []
  /// Content that has not been reported, in bytes.
  private var written: Int64 = 0
  private var file: (writer: FileWriter, placement: Placement, size: Int64)?

  init(
    _ stage: borrowing Descriptor, _ directories: DirectoryTable, _ inheritance: Inheritance,
    _ reporter: TreeReporter
  ) throws(ArchiveError) {
    (self.directories, self.inheritance, self.reporter) = (directories, inheritance, reporter)
    open = try DirectoryCache(root: stage)
  }

  /// Makes a file, whose content follows, and then ``finishFile()``.
  func makeFile(_ placement: Placement, size: Int64) throws(ArchiveError) {
    let place = placement.place
    let parent = try directory(place.parent)
    let writer = try FileWriter(
      place.name, in: parent.descriptor, placement.permissions, inheritance)
    file = (writer, placement, size)
  }

  /// More of the file made last.
  func append(_ piece: ContentPiece) throws(ArchiveError) {
    guard let file else { preconditionFailure("content without a file") }
    hasher.add(piece)
    try file.writer.append(piece)
    written += piece.count
  }

  /// All content of the file made last has been appended.
  func finishFile() throws(ArchiveError) {
    guard let (writer, placement, size) = file else { preconditionFailure("no file is open") }
    file = nil
    guard writer.size == size else { throw ArchiveError(.rejected(.sizeLies)) }
    let modified = placement.modified ?? FileTime(seconds: 0)
    let permissions = try writer.finish(modified)
    done.append(
      .entry(
        TreeEntry(
          path: placement.place.path, content: .file(size: size, digest: hasher.finish()),
          permissions: permissions, modified: modified)))
  }

  func makeLink(_ placement: Placement, to target: String) throws(ArchiveError) {
    let place = placement.place
    let parent = try directory(place.parent)
    let modified = placement.modified ?? FileTime(seconds: 0)
    try system { () throws(SystemError) in
      try parent.descriptor.makeLink(place.name, to: target)
      try parent.descriptor.setModified(modified, of: place.name)
    }
    done.append(
      .entry(
        TreeEntry(
          path: place.path, content: .symbolicLink(target: target),
          permissions: placement.permissions, modified: modified)))
  }

  /// Tells what has been done. Now and then, for the lanes wait for each other meanwhile.
  func reportFinished() throws(ArchiveError) {
    try reporter.report(done, written: written)
    done.removeAll(keepingCapacity: true)
    written = 0
  }

  /// Opens a directory that the table knows, and makes it and those above it where that was not
  /// done.
  func directory(_ node: MemberTree.NodeID) throws(ArchiveError) -> OpenDirectory {
    if let found = open[node] { return found }
    guard let entry = directories[node] else { preconditionFailure("an unknown directory") }
    let parent = try directory(Int(entry.parent))
    try directories.make(entry, in: parent)
    return try open.add(node, entry.name, in: parent)
  }
}
