internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// How creating or adopting a store ended.
package struct InitializeResult: Sendable {
  /// Whether there was no store before.
  package let isNew: Bool
  /// The adopted releases, oldest first.
  package var adopted: [CatalogEntry] = []
  package var warnings: [Notice] = []
  /// What the recovery of an interrupted command did.
  package var recovered: [String] = []

  /// Whether nothing had to be done.
  package var isUnchanged: Bool { !isNew && adopted.isEmpty && recovered.isEmpty }
}

/// Creates a store, or adopts a deploy directory that was created by other means: `init`.
package struct Initializer {
  let path: String
  let environment: Environment

  package init(_ path: String, _ environment: Environment) {
    self.path = path
    self.environment = environment
  }

  /// Creates or adopts the store. It may be repeated: it only adds what is missing.
  ///
  /// - Parameter seconds: how long to wait for the lock.
  /// - Returns: what was created or adopted.
  /// - Throws: the reason why the directory can't become a store, or what
  ///   ``Transaction/perform(_:_:)`` throws.
  package func run(waitingUpTo seconds: Double) throws(ReleasesError) -> InitializeResult {
    try refuseNested()
    try makeRoot()
    let root = try openRoot()
    try Store.refuseIfOthersMayWrite(root)
    try Obstacles(path: path).refuse(root)
    try StoreMounts.refuseIfSplit(root, path)
    var result = InitializeResult(isNew: try makeDirectories(root))
    let store = try Store.open(path)
    try withTransaction(on: store, environment, waitingUpTo: seconds) {
      transaction throws(ReleasesError) in
      result.recovered = transaction.recovered
      try Adopter(store: store).adopt(into: &result, &transaction)
    }
    return result
  }

  /// Describes what ``run(waitingUpTo:)`` would do, one line each. Changes nothing.
  ///
  /// - Throws: the reason why the directory can't become a store.
  package func plan() throws(ReleasesError) -> [String] {
    try refuseNested()
    if (try? status(ofPath: path)) == nil { return ["create the store \(path)"] }
    let root = try openRoot()
    try Store.refuseIfOthersMayWrite(root)
    try Obstacles(path: path).refuse(root)
    try StoreMounts.refuseIfSplit(root, path)
    return try withErrorMessage("can't read \(path)") { () throws(SystemError) in
      guard try root.statusIfPresent(of: Layout.control) != nil else {
        return ["create the store \(path)"] + (try releaseNames(root).map { "adopt \($0)" })
      }
      let catalog = try root.openBeneath("\(Layout.control)/\(Layout.catalog)", .directory)
      let known = Set(try catalog.entries().map(\.name))
      return try releaseNames(root).filter { !known.contains(Layout.catalogFile($0)) }
        .map { "adopt \($0)" }
    }
  }

  private func releaseNames(_ root: borrowing Descriptor) throws(SystemError) -> [ReleaseID] {
    guard try root.statusIfPresent(of: Layout.releases) != nil else { return [] }
    return try root.openDirectory(Layout.releases).entries()
      .filter { $0.kind == .directory }.compactMap { ReleaseID($0.name) }
  }

  /// Refuses a path inside another store, whose releases a new store would modify.
  private func refuseNested() throws(ReleasesError) {
    guard let outer = Store.enclosing(path) else { return }
    throw ReleasesError(
      .unsupported, "can't create the store \(path) inside the store \(outer)",
      hint: Hint("use the outer store", shell: "releases --store \(outer) status"))
  }

  private func makeRoot() throws(ReleasesError) {
    do throws(SystemError) {
      let slash = try Descriptor.openDirectory("/")
      try slash.makeDirectory(path)
    } catch let error where error.errno == .exists {
      return
    } catch let error where error.errno == .noEntry {
      throw ReleasesError(
        .noSuchStore, "can't create the store \(path): the directory above it is missing",
        hint: Hint("create both", shell: "mkdir -p \(path) && releases --store \(path) init"),
        cause: error.description)
    } catch {
      throw ReleasesError("can't create the store \(path)", error)
    }
  }

  private func openRoot() throws(ReleasesError) -> Descriptor {
    do throws(ReleasesError) {
      return try Store.openRoot(path)
    } catch let error where error.code == .noSuchStore {
      throw ReleasesError(
        .noSuchStore, "\(path) exists and is not a directory",
        hint: "name another directory with --store PATH, or move it out of the way",
        cause: error.cause)
    }
  }

  /// - Returns: whether there was no `.releases`.
  private func makeDirectories(_ root: borrowing Descriptor) throws(ReleasesError) -> Bool {
    try SampleConfiguration.write(to: root, path)
    return try withErrorMessage("can't create the directories of the store \(path)") {
      () throws(SystemError) in
      try root.makeDirectoryIfMissing(Layout.releases)
      let isNew = try root.makeDirectoryIfMissing(Layout.control)
      let control = try root.openDirectory(Layout.control)
      for name in Layout.controlDirectories {
        let mode: FileMode = Layout.closedDirectories.contains(name) ? 0o700 : 0o755
        try control.makeDirectoryIfMissing(name, mode: mode)
      }
      // The process that made an existing directory may have been killed before the flush.
      try control.sync()
      try root.sync()
      return isNew
    }
  }
}
