/// The tree that an archive's members make, stored in memory to check the next member.
///
/// There may be half a million members, so each takes a few bytes and its name, and needs no
/// allocation.
struct MemberTree {
  typealias NodeID = Int

  enum Kind: Equatable {
    case directory, file
    case symbolicLink(target: String)
  }

  private enum NodeKind: UInt8 { case directory, impliedDirectory, file, symbolicLink }

  private struct Node {
    let parent: Int32
    let nameStart: UInt32
    let nameLength: UInt8
    /// An implied directory occurs only in the names of other members so far.
    var kind: NodeKind
  }

  static let root: NodeID = 0

  private var nodes = [Node(parent: 0, nameStart: 0, nameLength: 0, kind: .impliedDirectory)]
  /// All names, concatenated.
  private var names: [UInt8] = []
  private var targets: [Int32: String] = [:]
  /// All nodes by parent and exact name.
  private var children = NodeTable()
  /// One node for each parent and case-folded name. All nodes with that name have the same kind.
  private var folded = NodeTable()

  /// The only child of the root, if it is a directory; nil when the root has other children.
  var singleDirectory: NodeID? {
    var found: NodeID?
    for node in nodes.indices.dropFirst() where nodes[node].parent == Self.root {
      if found != nil || kind(of: node) != .directory { return nil }
      found = node
    }
    return found
  }

  func kind(of node: NodeID) -> Kind {
    switch nodes[node].kind {
    case .directory, .impliedDirectory: .directory
    case .file: .file
    case .symbolicLink: .symbolicLink(target: targets[Int32(node)] ?? "")
    }
  }

  func parent(of node: NodeID) -> NodeID? { node == Self.root ? nil : Int(nodes[node].parent) }

  /// The number of files, directories and links, without the root.
  var count: Int { nodes.count - 1 }

  func place(of node: NodeID) -> Place {
    node == Self.root
      ? Place(node: node, parent: node, name: ".", path: ".")
      : Place(
        node: node, parent: Int(nodes[node].parent), name: name(of: node), path: path(of: node))
  }

  func path(of node: NodeID) -> String {
    var length = -1
    var ancestor = node
    while ancestor != Self.root {
      length += Int(nodes[ancestor].nameLength) + 1
      ancestor = Int(nodes[ancestor].parent)
    }
    if length < 0 { return "" }
    return String(unsafeUninitializedCapacity: length) { path in
      var end = length
      var ancestor = node
      while ancestor != Self.root {
        let name = nameRange(of: ancestor)
        for (offset, byte) in names[name].enumerated() {
          path[end - name.count + offset] = byte
        }
        end -= name.count + 1
        if end > 0 { path[end] = UInt8(ascii: "/") }
        ancestor = Int(nodes[ancestor].parent)
      }
      return length
    }
  }

  /// All symbolic links in the order in which they were added.
  var links: [(node: NodeID, target: String)] {
    targets.sorted { $0.key < $1.key }.map { (Int($0.key), $0.value) }
  }

  /// Returns the child with exactly this name, byte for byte; nil when there is none.
  func child(of parent: NodeID, _ name: String) -> NodeID? {
    children.find(exactHash(parent, name)) { isChild($0, of: parent, name) }
  }

  /// Returns the node with exactly these names, never through a link; nil when there is none.
  func find(_ components: [String]) -> NodeID? {
    var node = Self.root
    for name in components {
      guard let child = child(of: node, name) else { return nil }
      node = child
    }
    return node
  }

  /// Adds a node and its missing parents. Returns the node and the new parents, from the root down.
  ///
  /// - Throws: `ArchiveError` if the name conflicts with an earlier member.
  mutating func add(
    _ components: [String], _ kind: Kind
  ) throws(ArchiveError) -> (node: NodeID, implied: [NodeID]) {
    guard let name = components.last else {
      nodes[Self.root].kind = .directory
      return (Self.root, [])
    }
    var implied: [NodeID] = []
    var parent = Self.root
    for name in components.dropLast() {
      guard let child = child(of: parent, name) else {
        parent = try insert(name, .impliedDirectory, into: parent)
        implied.append(parent)
        continue
      }
      switch nodes[child].kind {
      case .directory, .impliedDirectory: parent = child
      case .file: throw ArchiveError(.rejected(.throughFile))
      case .symbolicLink: throw ArchiveError(.rejected(.throughLink))
      }
    }
    if let existing = child(of: parent, name) {
      // Programs that append to an archive repeat directories; the last entry counts, as for tar(1).
      guard kind == .directory, self.kind(of: existing) == .directory else {
        throw ArchiveError(.rejected(.duplicateName))
      }
      nodes[existing].kind = .directory
      return (existing, implied)
    }
    switch kind {
    case .directory: return (try insert(name, .directory, into: parent), implied)
    case .file: return (try insert(name, .file, into: parent), implied)
    case .symbolicLink(let target):
      let node = try insert(name, .symbolicLink, into: parent)
      targets[Int32(node)] = target
      return (node, implied)
    }
  }

  /// Adds a child. `Makefile` beside `makefile` is valid on Linux and occurs in real projects. A
  /// link and a directory whose names differ only in case are an attack on file systems that fold
  /// names (CVE-2026-23950).
  ///
  /// - Throws: `ArchiveError` for such a link and directory.
  private mutating func insert(
    _ name: String, _ kind: NodeKind, into parent: NodeID
  ) throws(ArchiveError) -> NodeID {
    let key = MemberName.folded(name)
    let hash = foldedHash(parent, key)
    let other = folded.find(hash) { isFoldedChild($0, of: parent, key) }
    if let other, !Self.isSameKind(nodes[other].kind, kind) {
      throw ArchiveError(.rejected(.collision))
    }
    let node = nodes.count
    nodes.append(
      Node(
        parent: Int32(parent), nameStart: UInt32(names.count), nameLength: UInt8(name.utf8.count),
        kind: kind))
    names.append(contentsOf: name.utf8)
    children.insert(node, exactHash(parent, name))
    if other == nil { folded.insert(node, hash) }
    return node
  }

  private static func isSameKind(_ one: NodeKind, _ other: NodeKind) -> Bool {
    func isDirectory(_ kind: NodeKind) -> Bool { kind == .directory || kind == .impliedDirectory }
    return one == other || isDirectory(one) && isDirectory(other)
  }
}

// MARK: - Names as keys

/// The hashes use the random seed of this process, so no archive can choose names that collide.
extension MemberTree {
  private func nameRange(of node: NodeID) -> Range<Int> {
    let start = Int(nodes[node].nameStart)
    return start..<start + Int(nodes[node].nameLength)
  }

  private func name(of node: NodeID) -> String {
    String(decoding: names[nameRange(of: node)], as: UTF8.self)
  }

  private func isChild(_ node: NodeID, of parent: NodeID, _ name: String) -> Bool {
    nodes[node].parent == parent && names[nameRange(of: node)].elementsEqual(name.utf8)
  }

  private func isFoldedChild(_ node: NodeID, of parent: NodeID, _ key: String) -> Bool {
    nodes[node].parent == parent && MemberName.folded(name(of: node)) == key
  }

  private func exactHash(_ parent: NodeID, _ name: String) -> Int {
    var name = name
    var hasher = Hasher()
    hasher.combine(parent)
    name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }

  private func foldedHash(_ parent: NodeID, _ key: String) -> Int {
    var hasher = Hasher()
    hasher.combine(parent)
    hasher.combine(key)
    return hasher.finalize()
  }
}
