internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
package import Text

/// How creating or adopting a store ended.
package struct InitializeResult: Sendable {
  /// Whether there was no store before.
  package let isNew: Bool
  /// The adopted releases, oldest first.
  package var adopted: [CatalogEntry] = []
  package var warnings: [Notice] = []
  /// What the next prune would do to the adopted releases; nil when none were adopted, and when the
  /// retention policy can't be read.
  package var forecast: RetentionForecast?
  /// What the recovery of an interrupted command did.
  package var recovered: [Message] = []

  /// Whether nothing had to be done.
  package var isUnchanged: Bool { !isNew && adopted.isEmpty && recovered.isEmpty }
}

/// Creates a store, or adopts a deploy directory that was created by other means: `init`.
package struct Initializer {
  let path: String
  let environment: Environment
  /// The directories in `releases/` to adopt whatever their names are.
  let named: [String]

  /// - Parameters:
  ///   - path: the path of the store.
  ///   - environment: what is taken from outside the store.
  ///   - named: the directories in `releases/` to adopt whatever their names are.
  package init(_ path: String, _ environment: Environment, adopting named: [String] = []) {
    self.path = path
    self.environment = environment
    self.named = named
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
    try refuse(root)
    if !named.isEmpty {
      // A name that does not exist must not leave a store behind.
      _ = try NamedDirectories(of: path, try futureReleases(root)).ids(named)
    }
    var result = InitializeResult(isNew: try makeDirectories(root))
    let store = try Store.open(path)
    try withTransaction(on: store, environment, waitingUpTo: seconds) {
      transaction throws(ReleasesError) in
      result.recovered = transaction.recovered
      try Adopter(store: store, named: named).adopt(into: &result, &transaction)
    }
    if !result.adopted.isEmpty {
      // What is wrong with the configuration is reported by `check`, which `init` says to run next.
      let plan = try? Pruner(store, environment).plan(PruneOptions())
      result.forecast = plan.map {
        RetentionForecast(adopting: Set(result.adopted.map(\.id)), $0.decisions)
      }
      result.warnings += result.forecast?.warnings(path: path, isPlan: false) ?? []
    }
    return result
  }

  /// Refuses a directory that can't be a store.
  ///
  /// - Throws: the reason for the refusal.
  func refuse(_ root: borrowing Descriptor) throws(ReleasesError) {
    try Store.refuseIfOthersMayWrite(root)
    for name in [Layout.control, Layout.releases] {
      guard let directory = try? root.openDirectory(name) else { continue }
      try Store.refuseIfOthersMayWrite(directory, in: root)
    }
    try Obstacles(path: path).refuse(root)
    try StoreMounts.refuseIfSplit(root, path)
  }

  /// Refuses a path inside another store, whose releases a new store would modify.
  ///
  /// - Throws: `unsupported` for such a path.
  func refuseNested() throws(ReleasesError) {
    guard let outer = Store.enclosing(path) else { return }
    throw ReleasesError(
      .unsupported, "can't create the store \(path: path) inside the store \(outer)",
      hint: Hint("use the outer store", shell: "releases --store \(outer.shellWord) status"))
  }

  private func makeRoot() throws(ReleasesError) {
    do throws(SystemError) {
      let slash = try Descriptor.openDirectory("/")
      try slash.makeDirectory(path)
    } catch let error where error.errno == .exists {
      return
    } catch let error where error.errno == .noEntry {
      throw ReleasesError(
        .noSuchStore, "can't create the store \(path: path): the directory above it is missing",
        hint: Hint(
          "create both",
          shell: "mkdir -p \(path.shellWord) && releases --store \(path.shellWord) init"),
        cause: Message(error))
    } catch {
      throw ReleasesError("can't create the store \(path: path)", error)
    }
  }

  func openRoot() throws(ReleasesError) -> Descriptor {
    do throws(ReleasesError) {
      return try Store.openRoot(path)
    } catch let error where error.code == .noSuchStore {
      throw ReleasesError(
        .noSuchStore, "\(path: path) exists and is not a directory",
        hint: Hint(
          "name another directory with --store, or move the file out of the way",
          shell: "mv -T \(path.shellWord) \("\(path).old".shellWord) &&"
            + " releases --store \(path.shellWord) init"),
        cause: error.cause)
    }
  }

  /// - Returns: whether there was no `.releases`.
  /// - Throws: an error when they can't be made.
  private func makeDirectories(_ root: borrowing Descriptor) throws(ReleasesError) -> Bool {
    try SampleConfiguration.write(to: root, path)
    return try withErrorMessage("can't create the directories of the store \(path: path)") {
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
