internal import Linux

/// An open directory of the tree.
final class OpenDirectory {
  let descriptor: Descriptor
  fileprivate var lastUse = 0

  fileprivate init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// The directories that were used last. They are kept open, so that no path is resolved again for
/// each file.
struct DirectoryCache {
  static let capacity = 48

  private var directories: [MemberTree.NodeID: OpenDirectory] = [:]
  private let root: OpenDirectory
  private var uses = 0

  init(root: borrowing Descriptor) throws(ArchiveError) {
    do throws(SystemError) {
      self.root = OpenDirectory(try Descriptor.duplicate(root.raw))
    } catch {
      throw ArchiveError(error)
    }
  }

  subscript(node: MemberTree.NodeID) -> OpenDirectory? {
    mutating get {
      guard let found = node == MemberTree.root ? root : directories[node] else { return nil }
      uses += 1
      found.lastUse = uses
      return found
    }
  }

  /// Opens a directory in another one, never through a link.
  ///
  /// - Throws: `ArchiveError` when the directory can't be opened.
  mutating func add(
    _ node: MemberTree.NodeID, _ name: String, in parent: OpenDirectory
  ) throws(ArchiveError) -> OpenDirectory {
    if directories.count >= Self.capacity,
      let oldest = directories.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
    {
      directories[oldest] = nil
    }
    do throws(SystemError) {
      let opened = OpenDirectory(try parent.descriptor.openDirectory(name))
      uses += 1
      opened.lastUse = uses
      directories[node] = opened
      return opened
    } catch {
      throw ArchiveError(error)
    }
  }
}
