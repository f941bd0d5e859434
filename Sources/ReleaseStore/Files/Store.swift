package import Configuration
package import Linux
package import ReleaseModel
package import StoreSupport
internal import Text

// The target ReleaseStore reads and writes the files of a store: links, journal, history, catalog,
// manifests and stages. Each kind of file has a type of its own, which ``Store`` hands out. Nothing
// here decides anything: plans come from ReleaseModel, and Operations executes them.

/// An open store. Reading from it never takes the lock.
package final class Store: Sendable {
  /// The directories that programs run in.
  package let directories: StoreDirectories
  /// The directory `.releases/`.
  package let control: Descriptor

  /// The absolute path, for messages and to recognize absolute links.
  package var path: String { directories.path }
  /// The directory of the store.
  package var root: Descriptor { _read { yield directories.root } }
  /// The directory `releases/`.
  package var releases: Descriptor { _read { yield directories.releases } }

  private init(_ directories: StoreDirectories, control: consuming Descriptor) {
    self.directories = directories
    self.control = control
  }

  /// Opens a store that `init` has made.
  ///
  /// - Throws: `noSuchStore` if there is none, `unsafeOwner` when users other than the owner can
  ///   write to it, another error when it can't be opened.
  package static func open(_ path: String) throws(ReleasesError) -> Store {
    let root = try openRoot(path)
    let control: Descriptor
    do throws(SystemError) {
      control = try root.openDirectory(Layout.control)
    } catch let error where error.errno == .noEntry {
      let outer = enclosing(path)
      throw ReleasesError(
        .noSuchStore, "\(path: path) is not a store: it has no directory \(Layout.control)",
        hint: outer.map {
          Hint("it is inside the store \($0)", shell: "releases --store \($0.shellWord) list")
        } ?? Hint("create a store there", shell: "releases --store \(path.shellWord) init"))
    } catch {
      throw ReleasesError("can't open the store \(path: path)", error)
    }
    try refuseIfOthersMayWrite(root)
    try refuseIfOthersMayWrite(control, in: root)
    let releases = try withErrorMessage("can't open the releases of \(path: path)") {
      () throws(SystemError) in
      try root.openDirectory(Layout.releases)
    }
    try refuseIfOthersMayWrite(releases, in: root)
    return Store(
      StoreDirectories(path: path, root: root, releases: releases), control: control)
  }

  /// Finds the store that contains a directory, but is not that directory itself. A path that does
  /// not exist is looked for in its parent.
  ///
  /// - Parameter path: the path of the directory.
  /// - Returns: the path of the store; nil when there is none.
  package static func enclosing(_ path: String) -> String? {
    let parent = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    var real: Substring? = (try? Descriptor.openDirectory(path))?.path.map { $0[...] }
    if real == nil {
      real = (try? Descriptor.openDirectory("\(parent)/"))?.path.map { "\($0)/new" }
    }
    while let slash = real?.lastIndex(of: "/"), let outer = real?[..<slash], !outer.isEmpty {
      let catalog = "\(outer)/\(Layout.control)/\(Layout.catalog)"
      if (try? status(ofPath: catalog))?.kind == .directory { return String(outer) }
      real = outer
    }
    return nil
  }

  /// Opens a directory that may not be a store yet.
  ///
  /// - Throws: `noSuchStore` when there is no directory, `unsafeOwner` when its owner has changed
  ///   since root switched to that owner, another error when it can't be opened.
  package static func openRoot(_ path: String) throws(ReleasesError) -> Descriptor {
    let root = try openDirectory(path)
    let owner = try Ownership(of: root, path: path).owner
    // A command of root has switched to the owner by now, unless the path pointed elsewhere then.
    guard owner == 0 || ProcessFacts.effectiveUser != 0 else {
      throw ReleasesError(
        .unsafeOwner, "the owner of \(path: path) changed while it was being opened",
        hint: Hint("see who can move it", shell: "namei -l \(path.shellWord)"))
    }
    return root
  }

  private static func openDirectory(_ path: String) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.openDirectory(path)
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      throw ReleasesError(
        .noSuchStore, "there is no store at \(path: path)",
        hint: error.errno == .notADirectory || isDanglingLink(path)
          ? Hint("see what is there", shell: "namei -l \(path.shellWord)")
          : Hint(
            "name the store with --store PATH or RELEASES_STORE, or create one",
            shell: "releases --store \(path.shellWord) init"),
        cause: Message(error))
    } catch {
      throw ReleasesError("can't open the store \(path: path)", error)
    }
  }

  private static func isDanglingLink(_ path: String) -> Bool {
    let directory = try? Descriptor.openDirectory(path.parentDirectory)
    let name = path.nameComponents.last ?? ""
    return (try? directory?.status(of: name))?.kind == .symbolicLink
  }

  /// Opens a directory beneath `.releases`.
  ///
  /// - Throws: `unsafeOwner` when users other than the owner can change it, another error when it
  ///   can't be opened.
  package func controlDirectory(_ name: String) throws(ReleasesError) -> Descriptor {
    let directory = try withErrorMessage("can't open \(path: path)/\(Layout.control)/\(name)") {
      () throws(SystemError) in
      try control.openDirectory(name)
    }
    try Self.refuseIfOthersMayWrite(directory, in: root)
    return directory
  }

  /// Reads how much space the file system has.
  ///
  /// - Throws: an error when the file system can't be queried.
  package func space() throws(ReleasesError) -> FileSystemFacts {
    try withErrorMessage("can't query the file system of \(path: path)") { () throws(SystemError) in
      try root.fileSystem()
    }
  }

  /// Whether `releases/` contains a directory with the name of the release.
  ///
  /// - Throws: an error when its status can't be read.
  package func hasDirectory(_ id: ReleaseID) throws(ReleasesError) -> Bool {
    try withErrorMessage("can't read the status of \(id)") { () throws(SystemError) in
      try releases.statusIfPresent(of: id.text)?.kind == .directory
    }
  }

  /// Returns the full path of something in the store, for messages.
  package func path(_ components: String...) -> String {
    ([path] + components).joined(separator: "/")
  }

  /// Reads the configuration as it is now.
  ///
  /// - Throws: what ``Configuration/load(directory:path:)`` throws.
  package func configuration() throws(ReleasesError) -> Configuration {
    try Configuration.load(directory: root, path: path)
  }
}
