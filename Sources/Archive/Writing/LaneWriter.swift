internal import Linux

/// Writes and hashes files and symbolic links beneath an open directory, never outside it and never
/// through a link. Several lanes can write to the same tree.
final class LaneWriter {
  private let directories: DirectoryTable
  private let reporter: TreeReporter
  private let inheritance: Inheritance
  private let hasher = ContentHasher()
  private var open: DirectoryCache
  /// The entries that are complete and have not been reported yet.
  private var done: [WrittenEntry] = []
  /// The size of the content that has not been reported yet, in bytes.
  private var written: Int64 = 0
  private var file: (writer: FileWriter, placement: Placement, size: Int64)?

  init(
    _ stage: borrowing Descriptor, _ directories: DirectoryTable, _ inheritance: Inheritance,
    _ reporter: TreeReporter
  ) throws(ArchiveError) {
    (self.directories, self.inheritance, self.reporter) = (directories, inheritance, reporter)
    open = try DirectoryCache(root: stage)
  }

  /// Makes a file. Its content follows, then ``finishFile()``.
  ///
  /// - Throws: `ArchiveError` when a directory above it or the file can't be made.
  func makeFile(_ placement: Placement, size: Int64) throws(ArchiveError) {
    let place = placement.place
    let parent = try directory(place.parent)
    let writer = try FileWriter(
      place.name, in: parent.descriptor, placement.permissions, inheritance)
    file = (writer, placement, size)
  }

  /// Appends a part of the current file.
  ///
  /// - Throws: `ArchiveError` when the content can't be written.
  func append(_ piece: ContentPiece) throws(ArchiveError) {
    guard let file else { preconditionFailure("content without a file") }
    hasher.add(piece)
    try file.writer.append(piece)
    written += piece.count
  }

  /// Completes the current file.
  ///
  /// - Throws: `ArchiveError` when the content has another size than declared, or the file can't be
  ///   completed.
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
    try withArchiveError { () throws(SystemError) in
      // The other process sets the time of the link, since that needs a path.
      try parent.descriptor.makeLink(place.name, to: target)
    }
    done.append(
      .entry(
        TreeEntry(
          path: place.path, content: .symbolicLink(target: target),
          permissions: placement.permissions, modified: modified)))
  }

  /// Reports the entries that are complete. Call it rarely, since lanes wait for each other while
  /// they report.
  ///
  /// - Throws: `ArchiveError` when the entries can't be reported.
  func reportFinished() throws(ArchiveError) {
    try reporter.report(done, written: written)
    done.removeAll(keepingCapacity: true)
    written = 0
  }

  /// Returns an open directory of the table. It and its parents are made if they do not exist.
  ///
  /// - Throws: `ArchiveError` when a directory can't be made or opened.
  func directory(_ node: MemberTree.NodeID) throws(ArchiveError) -> OpenDirectory {
    if let found = open[node] { return found }
    guard let entry = directories[node] else { preconditionFailure("an unknown directory") }
    let parent = try directory(Int(entry.parent))
    try directories.make(entry, in: parent)
    return try open.add(node, entry.name, in: parent)
  }
}
