internal import Text

/// Resolves symbolic links in the tree that the archive makes.
struct LinkResolution {
  /// The number of links that the kernel follows; see path_resolution(7).
  static let hopLimit = UnpackLimits.linkHops

  private let tree: MemberTree
  /// The directory that becomes the release. Links must not leave it.
  private let root: MemberTree.NodeID
  private let allowedTargets: [String]
  /// The directories that will be replaced by links to other places, so that ".." in them is not
  /// their parent in the tree.
  private let replaced: Set<MemberTree.NodeID>
  /// The results for the links that were resolved, so that no archive can force repeated work.
  private var known: [MemberTree.NodeID: Resolved] = [:]

  /// Prepares to resolve the links of a tree.
  ///
  /// - Parameters:
  ///   - tree: the complete tree.
  ///   - allowedTargets: absolute paths that links may point to.
  ///   - paths: paths beneath the root that will be replaced; they need not exist.
  ///   - root: the directory that becomes the release.
  init(
    tree: MemberTree, allowedTargets: [String], replaced paths: [String] = [],
    root: MemberTree.NodeID = MemberTree.root
  ) {
    var tree = tree
    let top = tree.path(of: root).nameComponents
    self.root = root
    replaced = Set(
      paths.compactMap { path in
        let components = top + path.nameComponents
        return tree.find(components) ?? (try? tree.add(components, .directory))?.node
      })
    (self.tree, self.allowedTargets) = (tree, allowedTargets)
  }

  /// Checks that a link stays in the tree at each step. Its target need not exist.
  ///
  /// - Throws: `ArchiveError` for a link that leaves the tree or forms a loop.
  mutating func check(_ link: MemberTree.NodeID, target: String) throws(ArchiveError) {
    do throws(ArchiveError) {
      _ = try resolve(link, target, depth: 1)
    } catch let error where error.code == .rejected(.linkEscapes) {
      throw ArchiveError(error.code, target: displayed(target.utf8))
    }
  }

  private enum Place {
    case node(MemberTree.NodeID)
    /// A number of missing directories beneath a node.
    case missing(depth: Int, beneath: MemberTree.NodeID)
    /// An allowed absolute target. What is beneath it is unknown.
    case allowed
  }

  private struct Resolved {
    var place: Place
    /// The number of links on the way, including the link itself.
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
      guard node != root, !replaced.contains(node), let parent = tree.parent(of: node) else {
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
