internal import Archive
internal import Linux
internal import Manifest
internal import Text

/// Replaces files of a staged release with hard links to equal read-only files of older releases.
final class HardLinks {
  /// The modification times of the linked files, by the bytes of their paths.
  private(set) var modified: [[UInt8]: FileTime] = [:]
  private let stage: Descriptor
  /// The old file whose content was compared last. It is linked to all equal files in a row, and is
  /// read once.
  private var verified: (file: FileIdentity, digest: Digest)?
  /// The old files that have as many links as the file system allows, 65,000 on ext4. A release with
  /// more equal files names each of them thousands of times.
  private var full: Set<FileIdentity> = []

  private static let temporaryName = "link"
  /// The attributes that files inherit from their directory, besides their group.
  private static let inherited = [AccessList.attribute, AccessList.labelAttribute]

  /// Prepares to share files of one stage.
  ///
  /// - Parameter stage: the stage with the tree. It also contains each new link for a moment.
  /// - Throws: `SystemError` when the descriptor can't be duplicated.
  init(stage: borrowing Descriptor) throws(SystemError) {
    self.stage = try Descriptor.duplicate(stage.raw)
  }

  /// Replaces a new file by a hard link to an old one, whose content is read and compared with the
  /// digest. The old file must be read-only, and must have the owner, mode, access list and label of
  /// the new one; only its modification time may differ.
  ///
  /// - Throws: `SystemError` when a file can't be read or linked.
  func link(
    _ source: borrowing Descriptor, _ entry: TreeEntry, _ tree: borrowing Descriptor
  ) throws(SystemError) -> Sharing.FileResult {
    let components = entry.path.nameComponents
    guard case .file(_, let digest) = entry.content, let name = components.last else {
      return .unsuitable
    }
    let old = try source.status()
    if full.contains(old.identity) { return .unsuitable }
    let parent = try tree.openBeneath(
      components.count == 1 ? "." : components.dropLast().joined(separator: "/"), .directory)
    let file = try parent.openBeneath(name, [.noFollow, .nonBlocking])
    let new = try file.status()
    guard old.permissions == entry.permissions else { return .modified }
    guard old.permissions & 0o222 == 0, old.owner == new.owner, old.group == new.group else {
      return .unsuitable
    }
    for name in Self.inherited where try source.attribute(name) != file.attribute(name) {
      return .unsuitable
    }
    guard try isContent(of: source, old, digest) else { return .modified }
    if !old.isSameFile(as: new) {
      guard try replace(name, in: parent, withLinkTo: source) else { return .unsuitable }
    }
    modified[Array(entry.path.utf8)] = old.modified
    return .shared
  }

  /// Whether the content of an old file has this digest.
  ///
  /// - Throws: `SystemError` when the file can't be read.
  private func isContent(
    of source: borrowing Descriptor, _ status: FileStatus, _ digest: Digest
  ) throws(SystemError) -> Bool {
    if let verified, verified.file == status.identity, verified.digest == digest { return true }
    guard try source.digestOfContent() == digest else { return false }
    verified = (status.identity, digest)
    return true
  }

  /// - Returns: false when the file already has as many links as the file system allows, or has
  ///   just been removed.
  /// - Throws: `SystemError` when the link can't be made or can't replace the file.
  private func replace(
    _ name: String, in parent: borrowing Descriptor, withLinkTo source: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    let directory = try parent.status()
    do throws(SystemError) {
      try stage.makeHardLink(Self.temporaryName, to: source)
    } catch let error where [.tooManyNames, .noEntry].contains(error.errno) {
      if error.errno == .tooManyNames { full.insert(try source.status().identity) }
      return false
    }
    do throws(SystemError) {
      try stage.replace(name, in: parent, with: Self.temporaryName)
    } catch {
      try stage.unlink(Self.temporaryName)
      throw error
    }
    try parent.setModified(directory.modified)
    return true
  }

  /// Returns the entries with the modification times of the links.
  func applied(to entries: TreeEntries) -> TreeEntries {
    var applied = TreeEntries()
    for entry in entries {
      let time = modified[Array(entry.path.utf8)] ?? entry.modified
      applied.append(
        TreeEntry(
          path: entry.path, content: entry.content, permissions: entry.permissions,
          modified: time))
    }
    return applied
  }
}
