internal import Linux

/// How making, or taking over, a store went.
package struct InitializeResult: Sendable {
  /// There was no store before.
  package let isNew: Bool
  /// The releases taken over, oldest first.
  package var adopted: [CatalogEntry] = []
  /// What a person should know.
  package var warnings: [String] = []
  /// What settling an interrupted command did.
  package var recovered: [String] = []

  package var isUnchanged: Bool { !isNew && adopted.isEmpty && recovered.isEmpty }
}

extension Store {
  /// Makes a store, or takes over a deploy directory that others made. Safe to repeat: it only
  /// ever adds what is missing.
  package static func initialize(
    _ path: String, _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> InitializeResult {
    try refuseWithinStore(path)
    try makeRoot(path)
    let root = try openOrExplain(path)
    try refuseIfOthersMayWrite(root)
    try refuseWhatIsInTheWay(root, path)
    try refuseSplitMounts(root, path)
    let isNew = try makeDirectories(root, path)
    let store = try Store.open(path)
    var result = InitializeResult(isNew: isNew)
    var transaction = try Transaction.begin(store, environment, waitingUpTo: seconds)
    do throws(ReleasesError) {
      result.recovered = transaction.recovered
      try transaction.adopt(&result)
      transaction.end()
    } catch {
      transaction.end()
      throw error
    }
    return result
  }

  /// What ``initialize(_:_:waitingUpTo:)`` would do, for people; throws where it would refuse.
  package static func planInitialization(_ path: String) throws(ReleasesError) -> [String] {
    try refuseWithinStore(path)
    if (try? status(ofPath: path)) == nil { return ["make the store \(path)"] }
    let root = try openOrExplain(path)
    try refuseIfOthersMayWrite(root)
    try refuseWhatIsInTheWay(root, path)
    try refuseSplitMounts(root, path)
    return try attempting("can't look at \(path)") { () throws(SystemError) in
      guard try root.statusIfPresent(of: Layout.control) != nil else {
        return ["make the store \(path)"] + (try releaseNames(root).map { "take over \($0)" })
      }
      let catalog = try root.openBeneath("\(Layout.control)/\(Layout.catalog)", .directory)
      let known = Set(try catalog.entries().map(\.name))
      return try releaseNames(root).filter { !known.contains(Layout.catalogFile($0)) }
        .map { "take over \($0)" }
    }
  }

  private static func releaseNames(
    _ root: borrowing Descriptor
  ) throws(SystemError) -> [ReleaseID] {
    guard try root.statusIfPresent(of: Layout.releases) != nil else { return [] }
    return try root.openDirectory(Layout.releases).entries()
      .filter { $0.kind == .directory }.compactMap { ReleaseID($0.name) }
  }

  /// A store in a release, or among them, would change what is live.
  private static func refuseWithinStore(_ path: String) throws(ReleasesError) {
    guard let outer = enclosing(path) else { return }
    throw ReleasesError(
      .unsupported, "\(path) lies in the store \(outer), and stores can't be in each other",
      hint: "that one was probably meant: releases --store \(outer) status")
  }

  private static func makeRoot(_ path: String) throws(ReleasesError) {
    do throws(SystemError) {
      let here = try Descriptor.openDirectory("/")
      try here.makeDirectory(path)
    } catch let error where error.errno == .exists {
      return
    } catch let error where error.errno == .noEntry {
      throw ReleasesError(
        .noSuchStore, "can't make the store \(path): the directory above it is missing",
        hint: "make it too: mkdir -p \(path) && releases --store \(path) init",
        cause: error.description)
    } catch {
      throw ReleasesError("can't make the store \(path)", error)
    }
  }

  private static func openOrExplain(_ path: String) throws(ReleasesError) -> Descriptor {
    do throws(ReleasesError) {
      return try openRoot(path)
    } catch let error where error.code == .noSuchStore {
      throw ReleasesError(
        .noSuchStore, "\(path) is there, and no directory",
        hint: "name another one with --store PATH, or move it out of the way", cause: error.cause)
    }
  }

  private static func refuseWhatIsInTheWay(
    _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) {
    for (name, wanted) in [
      (Layout.current, FileKind.symbolicLink), (Layout.previous, .symbolicLink),
      (Layout.releases, .directory), (Layout.control, .directory),
    ] {
      let status = try attempting("can't look at \(path)/\(name)") { () throws(SystemError) in
        try root.statusIfPresent(of: name)
      }
      guard let kind = status?.kind, kind != wanted else { continue }
      if wanted == .symbolicLink { throw Store.notALink(name, kind, in: path) }
      // A release gets its name by a rename, which no link to another place allows.
      let leadsToDirectory = (try? root.targetStatus(of: name))?.kind == .directory
      throw ReleasesError(
        .notALink, "\(path)/\(name) is a \(kind.word), not a \(wanted.word)",
        hint: leadsToDirectory
          ? "bring what it leads to into the store: cd \(path) &&"
            + " mv -T \"$(readlink -e \(name))\" \(name).new && rm \(name) &&"
            + " mv -T \(name).new \(name) && releases --store . init"
          : outOfTheWay(name, path))
    }
  }

  private static func outOfTheWay(_ name: String, _ path: String) -> String {
    "move it out of the way: cd \(path) && mv -T \(name) \(name).old && releases --store . init"
  }

  /// A directory in a link's place may hold the only copy of something.
  static func notALink(_ name: String, _ kind: FileKind, in path: String) -> ReleasesError {
    let release = "\(Layout.releases)/from-\(name)"
    return ReleasesError(
      .notALink, "\(path)/\(name) is a real \(kind.word), not a link",
      hint: kind == .directory
        ? "make a release of it: cd \(path) && mkdir -p \(Layout.releases) &&"
          + " mv -T \(name) \(release) && ln -s \(release) \(name) && releases --store . init"
        : outOfTheWay(name, path))
  }

  /// - Returns: whether `.releases` was not there.
  private static func makeDirectories(
    _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) -> Bool {
    try attempting("can't make the directories of the store \(path)") { () throws(SystemError) in
      try root.makeDirectoryIfMissing(Layout.releases)
      let isNew = try root.makeDirectoryIfMissing(Layout.control)
      let control = try root.openDirectory(Layout.control)
      for name in Layout.controlDirectories {
        let mode: FileMode = Layout.closedDirectories.contains(name) ? 0o700 : 0o755
        try control.makeDirectoryIfMissing(name, mode: mode)
      }
      // Whoever made those that are there may have been killed before they were on the disk.
      try control.sync()
      try root.sync()
      return isNew
    }
  }
}
