internal import Linux
internal import Synchronization

/// The directories of a tree that is being written. Each is made when it is first needed, and an
/// existing one is an error.
final class DirectoryTable: Sendable {
  /// A directory that an accepted member names or implies.
  struct Entry {
    let node: Int32
    let parent: Int32
    let name: String
    var permissions: FileMode
    /// The modification time; nil for a directory that is only implied.
    var modified: FileTime?
    var isMade = false
  }

  /// The directories, sorted by node; a new node is always the largest one.
  private let entries: Mutex<[Entry]>
  private let inheritance: Inheritance

  /// Makes a table with the root, which exists.
  init(_ inheritance: Inheritance) {
    self.inheritance = inheritance
    let root = Int32(MemberTree.root)
    entries = Mutex([Entry(node: root, parent: root, name: ".", permissions: 0o755, isMade: true)])
  }

  /// Adds a directory, or the metadata of one that was implied. Call it before anything in the
  /// directory is added.
  func add(_ placement: Placement) {
    let place = placement.place
    entries.withLock { entries in
      if let index = Self.index(of: place.node, in: entries) {
        entries[index].permissions = placement.permissions
        entries[index].modified = placement.modified
      } else {
        entries.append(
          Entry(
            node: Int32(place.node), parent: Int32(place.parent), name: place.name,
            permissions: placement.permissions, modified: placement.modified))
      }
    }
  }

  subscript(node: MemberTree.NodeID) -> Entry? {
    entries.withLock { entries in Self.index(of: node, in: entries).map { entries[$0] } }
  }

  var count: Int { entries.withLock { $0.count } }

  /// Returns the directory at an index. Parents precede their children.
  func entry(at index: Int) -> Entry { entries.withLock { $0[index] } }

  /// Makes a directory unless it has been made, with permissions that let the writer in.
  ///
  /// - Throws: `ArchiveError` if the name exists and this table has not made it.
  func make(_ entry: Entry, in parent: OpenDirectory) throws(ArchiveError) {
    if entry.isMade { return }
    try entries.withLock { entries throws(ArchiveError) in
      guard let index = Self.index(of: Int(entry.node), in: entries), !entries[index].isMade else {
        return
      }
      try withArchiveError { () throws(SystemError) in
        try parent.descriptor.makeDirectory(
          entry.name, mode: inheritance.creationMode(ofDirectory: entry.permissions))
      }
      entries[index].isMade = true
    }
  }

  private static func index(of node: MemberTree.NodeID, in entries: [Entry]) -> Int? {
    var range = entries.indices
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let found = Int(entries[middle].node)
      if found == node { return middle }
      range = found < node ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }
}
