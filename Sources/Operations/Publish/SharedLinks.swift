internal import Archive
internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Replaces the shared paths of a release by links to `shared/`.
struct SharedLinks {
  let configuration: Configuration

  /// Makes the links in a staged tree.
  ///
  /// - Parameters:
  ///   - tree: the directory of the staged release.
  ///   - entries: what it contains.
  /// - Returns: what it contains with the links, and warnings for the operator.
  /// - Throws: `archiveRejected` when a member of the archive is in the way, another error when a link
  ///   can't be made.
  func make(
    in tree: borrowing Descriptor, _ entries: TreeEntries
  ) throws(ReleasesError) -> (entries: TreeEntries, warnings: [Notice]) {
    var entries = entries
    entries.sort()
    var warnings: [Notice] = []
    let shared = configuration.shared
    for path in shared.directories + shared.files {
      let isReplaced = entries.contains {
        $0.content != .directory && $0.path.isOrLiesBeneath(path)
      }
      if isReplaced {
        warnings.append(
          "the archive's \(path: path) was replaced by the link to \(Layout.shared)/\(path: path)")
      }
      entries.removeAll { $0.path.isOrLiesBeneath(path) }
      for entry in try link(path, in: tree, beside: entries) { entries.append(entry) }
      entries.sort()
    }
    return (entries, warnings)
  }

  private func link(
    _ path: String, in tree: borrowing Descriptor, beside entries: TreeEntries
  ) throws(ReleasesError) -> [TreeEntry] {
    do throws(SystemError) {
      return try replace(path, in: tree, beside: entries)
    } catch let error where error.errno == .tooManyLinks || error.errno == .notADirectory {
      throw ReleasesError(
        .archiveRejected,
        "the shared path \(path: path) passes through a member of the archive that is not a directory",
        hint: "change the archive, or shared in \(Layout.configuration)", cause: Message(error))
    } catch {
      throw ReleasesError("can't link the shared path \(path: path)", error)
    }
  }

  private func replace(
    _ path: String, in tree: borrowing Descriptor, beside entries: TreeEntries
  ) throws(SystemError) -> [TreeEntry] {
    var made: [TreeEntry] = []
    let components = path.nameComponents
    var parent = try tree.openBeneath(".", [.directory])
    var walked = ""
    for component in components.dropLast() {
      walked += walked.isEmpty ? component : "/" + component
      if try parent.makeDirectoryIfMissing(component) || entries.sortedIndex(of: walked) == nil {
        made.append(entry(walked, .directory, try parent.status(of: component)))
      }
      parent = try parent.openDirectory(component)
    }
    guard let name = components.last else { return made }
    // This leads from the directory of the link up to the store, past the release and `releases`.
    let up = String(repeating: "../", count: components.count + 1)
    let target = "\(up)\(Layout.shared)/\(path)"
    try parent.removeTree(name)
    try parent.makeLink(name, to: target)
    made.append(entry(path, .symbolicLink(target: target), try parent.status(of: name)))
    return made
  }

  private func entry(
    _ path: String, _ content: TreeEntry.Content, _ status: FileStatus
  ) -> TreeEntry {
    TreeEntry(
      path: path, content: content, permissions: status.permissions, modified: status.modified)
  }

  /// Makes the shared directories, and the directories of the shared files, that are missing.
  ///
  /// - Throws: an error when a directory can't be made.
  func makeDirectories(in store: Store) throws(ReleasesError) {
    let shared = configuration.shared
    let ownership = try store.ownership()
    let parents = shared.files.map { Array($0.nameComponents.dropLast()) }
    for components in shared.directories.map(\.nameComponents) + parents where !components.isEmpty {
      let path = store.path(Layout.shared, components.joined(separator: "/"))
      let obstacle = try withErrorMessage("can't create \(path: path)") { () throws(SystemError) in
        try makeDirectories([Layout.shared] + components, in: store, ownership)
      }
      if let obstacle {
        throw ReleasesError(
          .unsafeOwner, "can't create \(path: path): a link of another user is on the way to it",
          hint: Hint("see whose link it is", shell: "namei -l \(obstacle.shellWord)"))
      }
    }
  }

  /// Makes the missing directories of a path.
  ///
  /// A shared directory may be a link to another disk. Nothing is made behind a link that
  /// another user than root or the owner of the store could have made.
  ///
  /// - Returns: the path of the directory behind such a link in which something would have to be made; nil
  ///   when all directories exist.
  /// - Throws: `SystemError` when a directory can't be made or opened.
  private func makeDirectories(
    _ components: [String], in store: Store, _ ownership: Ownership
  ) throws(SystemError) -> String? {
    var directory = try store.root.openBeneath(".", .directory)
    var isTrusted = true
    var walked = store.path
    for component in components {
      let kind = try directory.statusIfPresent(of: component)?.kind
      if kind == nil {
        guard isTrusted else { return walked }
        try directory.makeDirectoryIfMissing(component)
      }
      if kind == .symbolicLink, isTrusted {
        let status = try directory.status()
        isTrusted = ownership.problem(of: status, at: walked, .directory) == nil
      }
      // What was no link a moment ago must not have become one.
      let flags: OpenFlags = kind == .symbolicLink ? .directory : [.directory, .noFollow]
      directory = try directory.open(component, flags)
      walked += "/\(component)"
    }
    return nil
  }
}
