internal import Linux

/// The tree that an archive's members make, kept in memory to judge the next one.
struct MemberTree {
  typealias NodeID = Int

  enum Kind: Equatable {
    case directory, file
    case symbolicLink(target: String)
  }

  private struct Node {
    let name: String
    let kind: Kind
    let parent: NodeID
    /// A directory no member has named yet, only the names beneath it.
    var isImplied: Bool
    var children: [ExactName: NodeID] = [:]
    /// One child of each name after folding: the others are of the same kind.
    var folded: [String: NodeID] = [:]
  }

  static let top: NodeID = 0

  private var nodes = [Node(name: "", kind: .directory, parent: 0, isImplied: true)]

  /// Nothing was added at all.
  var isEmpty: Bool { nodes.count == 1 && nodes[0].isImplied }

  func kind(of node: NodeID) -> Kind { nodes[node].kind }
  func parent(of node: NodeID) -> NodeID? { node == Self.top ? nil : nodes[node].parent }

  /// Files, directories and links, without the top.
  var count: Int { nodes.count - 1 }

  func place(of node: NodeID) -> Place {
    node == Self.top
      ? Place(node: node, parent: node, name: ".", path: ".")
      : Place(
        node: node, parent: nodes[node].parent, name: nodes[node].name, path: path(of: node))
  }

  func path(of node: NodeID) -> String {
    var names: [String] = []
    var node = node
    while node != Self.top {
      names.append(nodes[node].name)
      node = nodes[node].parent
    }
    return names.reversed().joined(separator: "/")
  }

  /// All symbolic links, in the order they were added.
  var links: [(node: NodeID, target: String)] {
    nodes.indices.compactMap { node in
      if case .symbolicLink(let target) = nodes[node].kind { (node, target) } else { nil }
    }
  }

  /// The child of exactly this name, byte for byte.
  func child(of parent: NodeID, _ name: String) -> NodeID? {
    nodes[parent].children[ExactName(text: name)]
  }

  /// The node of exactly these names, never through a link.
  func find(_ components: [String]) -> NodeID? {
    var node = Self.top
    for name in components {
      guard let child = child(of: node, name) else { return nil }
      node = child
    }
    return node
  }

  /// Adds a node and the directories above it.
  ///
  /// - Returns: also those directories that were not there before, the upper ones first.
  mutating func add(
    _ components: [String], _ kind: Kind
  ) throws(ArchiveError) -> (node: NodeID, implied: [NodeID]) {
    guard let name = components.last else { return (try addTop(), []) }
    var implied: [NodeID] = []
    var parent = Self.top
    for name in components.dropLast() {
      guard let child = child(of: parent, name) else {
        parent = try insert(name, .directory, into: parent, isImplied: true)
        implied.append(parent)
        continue
      }
      switch nodes[child].kind {
      case .directory: parent = child
      case .file: throw ArchiveError(.rejected(.throughFile))
      case .symbolicLink: throw ArchiveError(.rejected(.throughLink))
      }
    }
    guard let existing = child(of: parent, name) else {
      return (try insert(name, kind, into: parent, isImplied: false), implied)
    }
    guard kind == .directory, nodes[existing].isImplied else {
      throw ArchiveError(.rejected(.duplicateName))
    }
    nodes[existing].isImplied = false
    return (existing, implied)
  }

  private mutating func addTop() throws(ArchiveError) -> NodeID {
    guard nodes[Self.top].isImplied else { throw ArchiveError(.rejected(.duplicateName)) }
    nodes[Self.top].isImplied = false
    return Self.top
  }

  /// `Makefile` beside `makefile` is fine on Linux and found in real projects. A link beside a
  /// directory is how archives attack file systems that fold names (CVE-2026-23950).
  private mutating func insert(
    _ name: String, _ kind: Kind, into parent: NodeID, isImplied: Bool
  ) throws(ArchiveError) -> NodeID {
    let key = MemberName.folded(name)
    let other = nodes[parent].folded[key]
    if let other, !isSameKind(nodes[other].kind, kind) {
      throw ArchiveError(.rejected(.collision))
    }
    let node = nodes.count
    nodes.append(Node(name: name, kind: kind, parent: parent, isImplied: isImplied))
    nodes[parent].children[ExactName(text: name)] = node
    if other == nil { nodes[parent].folded[key] = node }
    return node
  }
}

/// Equal byte for byte.
private struct ExactName: Hashable {
  let text: String

  static func == (one: ExactName, other: ExactName) -> Bool { one.text.isSameName(as: other.text) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

private func isSameKind(_ one: MemberTree.Kind, _ other: MemberTree.Kind) -> Bool {
  switch (one, other) {
  case (.directory, .directory), (.file, .file), (.symbolicLink, .symbolicLink): true
  default: false
  }
}
