internal import Linux

/// Where symbolic links lead, in the tree as the archive makes it.
struct LinkResolution {
  /// As many as the kernel follows, see path_resolution(7).
  static let hopLimit = 40

  let tree: MemberTree
  let allowedTargets: [String]

  /// Throws unless the link stays in the tree whatever it goes through. What it names need not be
  /// there.
  func check(_ link: MemberTree.NodeID, target: String) throws(ArchiveError) {
    // Names still to go, the next one last; nil is a place outside the archive's making.
    var rest: [String] = []
    var place: Place = .node(tree.parent(of: link) ?? MemberTree.top)
    var hops = 0
    try push(target, onto: &rest)
    while let name = rest.popLast() {
      place = try step(from: place, name)
      guard case .node(let node) = place, case .symbolicLink(let next) = tree.kind(of: node)
      else { continue }
      hops += 1
      if hops >= Self.hopLimit { throw ArchiveError(.rejected(.linkLoop)) }
      // An allowed absolute link is an end: nothing is known of what is behind it.
      if next.isAbsolutePath, !rest.isEmpty { throw ArchiveError(.rejected(.linkEscapes)) }
      try push(next, onto: &rest)
      place = .node(tree.parent(of: node) ?? MemberTree.top)
    }
  }

  private enum Place {
    case node(MemberTree.NodeID)
    /// So many missing directories beneath a node.
    case missing(depth: Int, beneath: MemberTree.NodeID)
  }

  private func push(_ target: String, onto rest: inout [String]) throws(ArchiveError) {
    if target.isAbsolutePath {
      guard allowedTargets.contains(where: { $0.isSameName(as: target) }) else {
        throw ArchiveError(.rejected(.linkEscapes))
      }
      return
    }
    rest += target.nameComponents.reversed()
  }

  private func step(from place: Place, _ name: String) throws(ArchiveError) -> Place {
    switch (place, name) {
    case (.node(let node), ".."):
      guard let parent = tree.parent(of: node) else {
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
