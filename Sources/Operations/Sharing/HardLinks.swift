internal import Archive
internal import Linux
internal import Manifest
internal import Text

/// Puts hard links to read-only files of older releases in place of a staged release's own.
final class HardLinks {
  /// The times that the files have as links, by the bytes of their paths.
  private(set) var modified: [[UInt8]: FileTime] = [:]
  private let stage: Descriptor

  private static let temporaryName = "link"
  /// The attributes that files inherit from their directory, besides their group.
  private static let inherited = [AccessList.attribute, AccessList.labelAttribute]

  /// - Parameter stage: holds the tree, and the new name for a moment.
  init(stage: borrowing Descriptor) throws(SystemError) {
    self.stage = try Descriptor.duplicate(stage.raw)
  }

  /// Links a file in place of the new one once all its content has been read and has the digest. It
  /// must equal the new one in all but its time: same owner, mode, access list and label, and no
  /// user may write it.
  func link(
    _ source: borrowing Descriptor, _ entry: TreeEntry, _ tree: borrowing Descriptor
  ) throws(SystemError) -> Sharing.Verdict {
    let components = entry.path.nameComponents
    guard case .file(_, let digest) = entry.content, let name = components.last else {
      return .unsuitable
    }
    let parent = try tree.openBeneath(
      components.count == 1 ? "." : components.dropLast().joined(separator: "/"), .directory)
    let old = try source.status()
    let file = try parent.openBeneath(name, [.noFollow, .nonBlocking])
    let new = try file.status()
    guard old.permissions == entry.permissions else { return .changed }
    guard old.permissions & 0o222 == 0, old.owner == new.owner, old.group == new.group else {
      return .unsuitable
    }
    for name in Self.inherited where try source.attribute(name) != file.attribute(name) {
      return .unsuitable
    }
    guard try source.digestOfContent() == digest else { return .changed }
    if !old.isSameFile(as: new) {
      guard try put(source, in: parent, as: name) else { return .unsuitable }
    }
    modified[Array(entry.path.utf8)] = old.modified
    return .shared
  }

  /// False when the file has as many names as the file system lets it have, or none any more.
  private func put(
    _ source: borrowing Descriptor, in parent: borrowing Descriptor, as name: String
  ) throws(SystemError) -> Bool {
    let directory = try parent.status()
    do throws(SystemError) {
      try stage.makeHardLink(Self.temporaryName, to: source)
    } catch let error where [.tooManyNames, .noEntry].contains(error.errno) {
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

  /// The entries as they are with the links.
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
