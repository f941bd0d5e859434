internal import Linux
internal import Synchronization

/// The directories of a tree that is being written: each is made when it is first needed, and by
/// nobody but us.
final class DirectoryTable: Sendable {
  /// A directory that an accepted member names or implies.
  struct Entry {
    let place: Place
    var permissions: FileMode
    /// Nil for one that no member has named.
    var modified: FileTime?
    var isMade = false
  }

  private let entries: Mutex<[MemberTree.NodeID: Entry]>

  /// With the top, which is there.
  init() {
    let top = Place(node: MemberTree.top, parent: MemberTree.top, name: ".", path: ".")
    entries = Mutex([top.node: Entry(place: top, permissions: 0o755, isMade: true)])
  }

  /// Announces one, or says more of one that was implied. To be called before anything in it is.
  func add(_ placement: Placement) {
    let place = placement.place
    entries.withLock { entries in
      let isMade = entries[place.node]?.isMade ?? false
      entries[place.node] = Entry(
        place: place, permissions: placement.permissions, modified: placement.modified,
        isMade: isMade)
    }
  }

  subscript(node: MemberTree.NodeID) -> Entry? { entries.withLock { $0[node] } }

  /// Those that are inside others before these.
  var innerFirst: [MemberTree.NodeID] { entries.withLock { $0.keys.sorted(by: >) } }

  /// Makes one unless that was done, closed to everybody else until the end, and so that the
  /// writer itself gets in. Throws when there is anything of that name that we did not make.
  func make(_ entry: Entry, in parent: OpenDirectory) throws(ArchiveError) {
    if entry.isMade { return }
    let (node, name) = (entry.place.node, entry.place.name)
    try entries.withLock { entries throws(ArchiveError) in
      if entries[node]?.isMade == true { return }
      try system { () throws(SystemError) in
        try parent.descriptor.makeDirectory(name, mode: 0o700)
      }
      entries[node]?.isMade = true
    }
  }
}
