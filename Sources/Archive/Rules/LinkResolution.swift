internal import Linux

/// Where symbolic links lead, in the tree as the archive makes it.
struct LinkResolution {
  /// As many as the kernel follows, see path_resolution(7).
  static let hopLimit = 40

  private let tree: MemberTree
  private let allowedTargets: [String]
  /// Directories that a link to somewhere else is going to stand for: the way up out of them is not
  /// the way they lie in the tree.
  private let replaced: Set<MemberTree.NodeID>
  /// Where the links lead that were looked at: no archive makes us go the same way again and again.
  private var known: [MemberTree.NodeID: Resolved] = [:]

  /// - Parameter replaced: paths beneath the root; they need not be there.
  init(tree: MemberTree, allowedTargets: [String], replaced paths: [String] = []) {
    var tree = tree
    replaced = Set(
      paths.compactMap { path in
        let components = path.nameComponents
        return tree.find(components) ?? (try? tree.add(components, .directory))?.node
      })
    (self.tree, self.allowedTargets) = (tree, allowedTargets)
  }

  /// Throws unless the link stays in the tree whatever it goes through. What it names need not be
  /// there.
  mutating func check(_ link: MemberTree.NodeID, target: String) throws(ArchiveError) {
    _ = try resolve(link, target, depth: 1)
  }

  private enum Place {
    case node(MemberTree.NodeID)
    /// So many missing directories beneath a node.
    case missing(depth: Int, beneath: MemberTree.NodeID)
    /// An allowed absolute target: nothing is known of what is behind it.
    case allowed
  }

  private struct Resolved {
    var place: Place
    /// Links gone through, the link itself included.
    var hops: Int
  }

  private mutating func resolve(
    _ link: MemberTree.NodeID, _ target: String, depth: Int
  ) throws(ArchiveError) -> Resolved {
    if let found = known[link] { return found }
    if depth > Self.hopLimit { throw ArchiveError(.rejected(.linkLoop)) }
    var resolved = Resolved(place: .node(tree.parent(of: link) ?? MemberTree.root), hops: 1)
    if target.isAbsolutePath {
      guard allowedTargets.contains(where: { $0.isSameName(as: target) }) else {
        throw ArchiveError(.rejected(.linkEscapes))
      }
      resolved.place = .allowed
    } else {
      for name in target.nameComponents {
        resolved.place = try step(from: resolved.place, name)
        guard case .node(let node) = resolved.place, !replaced.contains(node),
          case .symbolicLink(let next) = tree.kind(of: node)
        else { continue }
        let further = try resolve(node, next, depth: depth + 1)
        resolved = Resolved(place: further.place, hops: resolved.hops + further.hops)
        if resolved.hops > Self.hopLimit { throw ArchiveError(.rejected(.linkLoop)) }
      }
    }
    known[link] = resolved
    return resolved
  }

  private func step(from place: Place, _ name: String) throws(ArchiveError) -> Place {
    switch (place, name) {
    case (.allowed, _): throw ArchiveError(.rejected(.linkEscapes))
    case (.node(let node), ".."):
      guard !replaced.contains(node), let parent = tree.parent(of: node) else {
        throw ArchiveError(.rejected(.linkEscapes))
      }
      return .node(parent)
    case (.node(let node), _):
      if let child = tree.child(of: node, name) { return .node(child) }
      return .missing(depth: 1, beneath: node)
    case (.missing(let depth, let node), ".."):
      return depth == 1 ? .node(node) : .missing(depth: depth - 1, beneath: node)
    case (.missing(let depth, let node), _):
      return .missing(depth: depth + 1, beneath: node)
    }
  }
}
