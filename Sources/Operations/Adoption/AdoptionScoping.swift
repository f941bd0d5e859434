internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension AdoptionScope {
  /// Reads what the store knows of its releases besides the catalog.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - snapshot: its facts.
  ///   - history: the history of the directories without a readable catalog entry.
  ///   - named: the directories that the operator has named.
  /// - Throws: an error when the manifests can't be listed.
  init(
    of store: Store, _ snapshot: Snapshot, _ history: History, named: Set<ReleaseID> = []
  ) throws(ReleasesError) {
    let manifests = try store.controlDirectory(Layout.manifests)
    let names = try withErrorMessage("can't list the manifests") { () throws(SystemError) in
      try manifests.entries().map(\.name)
    }
    let described = names.filter { $0.hasSuffix(".mtree") }.compactMap { ReleaseID($0.dropLast(6)) }
    self.init(
      linked: [snapshot.current, snapshot.previous].compactMap(\.namedRelease),
      recorded: snapshot.catalog.corrupt.union(described).union(history.published), named: named)
  }
}

/// What `releases/` contains before the directory is a store.
struct FutureReleases {
  let directories: Set<ReleaseID>
  let strays: [String]
  let strayLinks: [String: String]
  /// The texts of `current` and `previous`.
  let links: LinkPair
  /// The releases that `current` and `previous` name or point into.
  let linked: [ReleaseID]
  /// The releases that `current` and `previous` point to; nil when they point to something else.
  private let live, previous: ReleaseID?

  /// The facts of the store as they would be if no release were adopted.
  var snapshot: Snapshot {
    Snapshot(
      current: Self.link(to: live, links.current),
      previous: Self.link(to: previous, links.previous),
      catalog: Catalog(), directories: directories, strays: strays, strayLinks: strayLinks)
  }

  private static func link(to id: ReleaseID?, _ text: String?) -> ReleaseLink {
    ReleaseLink(
      state: id.map { .release($0) } ?? (text == nil ? .missing : .elsewhere), text: text,
      isDirect: false)
  }

  /// - Parameter root: the directory that is to become a store.
  /// - Throws: `SystemError` when `releases/` can't be read.
  init(in root: borrowing Descriptor) throws(SystemError) {
    var directories: Set<ReleaseID> = []
    var strays: [String] = []
    var strayLinks: [String: String] = [:]
    var linked: [ReleaseID] = []
    var targets: [String: ReleaseID] = [:]
    if try root.statusIfPresent(of: Layout.releases) != nil {
      let releases = try root.openDirectory(Layout.releases)
      for entry in try releases.entries() {
        let kind =
          if let kind = entry.kind { kind } else { try releases.status(of: entry.name).kind }
        if kind == .directory, let id = ReleaseID(entry.name) {
          directories.insert(id)
        } else {
          strays.append(entry.name)
          strayLinks[entry.name] = try? releases.readLink(entry.name)
        }
      }
      for name in [Layout.current, Layout.previous] {
        linked += Self.releases(named: name, root, releases)
        targets[name] = Self.path(of: name, root, releases).flatMap {
          $0.count == 1 ? ReleaseID($0[0]) : nil
        }
      }
    }
    self.directories = directories
    self.strays = strays
    self.strayLinks = strayLinks
    self.linked = linked
    live = targets[Layout.current]
    previous = targets[Layout.previous]
    links = LinkPair(
      current: try? root.readLink(Layout.current), previous: try? root.readLink(Layout.previous))
  }

  private static func releases(
    named name: String, _ root: borrowing Descriptor, _ releases: borrowing Descriptor
  ) -> [ReleaseID] {
    let text = (try? root.readLink(name))?.nameComponents ?? []
    let isInReleases = text.dropLast().last.map { $0.isSameName(as: Layout.releases) } ?? false
    let named = isInReleases ? text.last : nil
    let pointedTo = path(of: name, root, releases)?.first
    return [named, pointedTo].compactMap { $0 }.compactMap { ReleaseID($0) }
  }

  /// Returns the names beneath `releases/` on the way to what a link points to; nil for anything
  /// outside.
  private static func path(
    of name: String, _ root: borrowing Descriptor, _ releases: borrowing Descriptor
  ) -> [String]? {
    (try? root.open(name, .path))?.path(beneath: releases)?.nameComponents.map { String($0) }
  }
}
