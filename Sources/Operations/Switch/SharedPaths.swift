internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// What the links to shared paths in a release would point to.
struct SharedPaths {
  let store: Store

  /// Refuses a switch that would make a release live whose links to shared paths are dangling.
  ///
  /// - Parameters:
  ///   - id: the release; nil for one that is still to be unpacked, for which missing directories are
  ///     created.
  ///   - configuration: the configuration of the store.
  ///   - mayLackDirectories: whether to permit shared directories that can't be used.
  /// - Throws: `sharedFileMissing`, `sharedDirectoryMissing` or, for a file that other users can
  ///   change, `unsafeOwner`; another error when a status can't be read.
  func refuseUnusable(
    for id: ReleaseID?, _ configuration: Configuration, mayLackDirectories: Bool = false
  ) throws(ReleasesError) {
    for file in configuration.shared.files {
      if let problem = try problem(ofFile: file) { throw problem.error }
    }
    if mayLackDirectories { return }
    for directory in configuration.shared.directories {
      if let problem = try problem(ofDirectory: directory, in: id) { throw problem.error }
    }
  }

  /// Refuses to unpack a release whose shared directories can't be created.
  ///
  /// - Throws: `sharedDirectoryMissing`, another error when a status can't be read.
  func refuseDirectoriesInTheWay(_ configuration: Configuration) throws(ReleasesError) {
    let shared = configuration.shared
    let parents = shared.files.map { $0.nameComponents.dropLast().joined(separator: "/") }
    for directory in shared.directories + parents where !directory.isEmpty {
      if let problem = try problem(ofDirectory: directory, in: nil) { throw problem.error }
    }
  }

  /// Finds the shared paths with which the switch to a release is refused. What can't be read is
  /// left out.
  ///
  /// - Parameters:
  ///   - id: the release; nil for one that is still to be unpacked.
  ///   - configuration: the configuration of the store.
  /// - Returns: the paths, files first.
  func broken(for id: ReleaseID?, _ configuration: Configuration) -> [SharedPathFacts] {
    let files = configuration.shared.files.compactMap { try? problem(ofFile: $0) }
    return files
      + configuration.shared.directories.compactMap { try? problem(ofDirectory: $0, in: id) }
  }

  /// Checks that a link to a shared file would point to a file that only root, the store's owner and
  /// the groups that they chose can change.
  ///
  /// - Parameter file: the path of the file in `shared/`.
  /// - Returns: what is wrong with it; nil when nothing is.
  /// - Throws: an error when the status of the file can't be read.
  func problem(ofFile file: String) throws(ReleasesError) -> SharedPathFacts? {
    let path = store.path(Layout.shared, file)
    let (directory, edit) = (path.parentDirectory.shellWord, "${EDITOR:-vi} \(path.shellWord)")
    return switch try target(of: file) {
    case .file(let status):
      try store.ownership().problem(of: status, at: path, .hostFile).map {
        SharedPathFacts(.unsafeOwner, $0)
      }
    case .other(let kind):
      SharedPathFacts(
        .wrongKind,
        ReleasesError(
          .sharedFileMissing, "the shared file \(path: path) is a \(kind.noun)",
          hint: hint(movingAway: path, "create the file", edit)))
    case .blocked(let link):
      blocked(
        .sharedFileMissing, "the shared file", at: path, by: link, "create the file",
        "mkdir -p \(directory) && \(edit)")
    case .missing:
      SharedPathFacts(
        .missing,
        ReleasesError(
          .sharedFileMissing, "the shared file \(path: path) is missing",
          hint: Hint(
            "create it; every release links to it", shell: "mkdir -p \(directory) && \(edit)")))
    }
  }

  /// Checks that a link to a shared directory would point to a directory.
  ///
  /// - Parameters:
  ///   - directory: the path of the directory in `shared/`.
  ///   - id: the release with the link; nil for one that is still to be unpacked. A missing directory
  ///     is a problem only if the release has the link.
  /// - Returns: what is wrong with it; nil when nothing is.
  /// - Throws: an error when the status of the directory can't be read.
  func problem(
    ofDirectory directory: String, in id: ReleaseID?
  ) throws(ReleasesError) -> SharedPathFacts? {
    let path = store.path(Layout.shared, directory)
    let create = "mkdir -p \(path.shellWord)"
    switch try target(of: directory) {
    case .other(.directory): return nil
    case .file, .other:
      return SharedPathFacts(
        .wrongKind,
        ReleasesError(
          .sharedDirectoryMissing, "the shared directory \(path: path) is not a directory",
          hint: hint(movingAway: path, "create the directory", create)))
    case .blocked(let link):
      return blocked(
        .sharedDirectoryMissing, "the shared directory", at: path, by: link,
        "create the directory", create)
    case .missing:
      guard let id, hasLink(directory, id) else { return nil }
      return SharedPathFacts(
        .missing,
        ReleasesError(
          .sharedDirectoryMissing, "the shared directory \(path: path) is missing",
          hint: Hint("create it; release \(id) links to it", shell: create)))
    }
  }

  private func hasLink(_ path: String, _ id: ReleaseID) -> Bool {
    (try? store.releases.status(of: "\(id)/\(path)"))?.kind == .symbolicLink
  }
}

// MARK: - What a shared path refers to

extension SharedPaths {
  private enum Target {
    case file(FileStatus)
    case other(FileKind)
    case missing
    /// Nothing can be created there before this is repaired.
    case blocked(Obstacle)
  }

  /// A dangling link, or something other than a directory, on the way to a shared path.
  private struct Obstacle {
    let path: String
    /// The text of a dangling link; nil for anything else.
    let text: String?
  }

  /// Finds what a shared path refers to. It may be a link to another place, as long as that exists.
  ///
  /// - Throws: an error when the status can't be read.
  private func target(of path: String) throws(ReleasesError) -> Target {
    let shared = "\(Layout.shared)/\(path)"
    do throws(SystemError) {
      let status = try store.root.targetStatus(of: shared)
      return status.kind == .file ? .file(status) : .other(status.kind)
    } catch let error where error.leadsToNothing {
      return obstacle(to: path).map { .blocked($0) } ?? .missing
    } catch {
      throw ReleasesError("can't read the status of \(path: store.path(shared))", error)
    }
  }

  /// Returns what has to be repaired first; nil when only directories are missing.
  private func obstacle(to path: String) -> Obstacle? {
    var walked = ""
    for component in [Layout.shared] + path.nameComponents {
      walked += walked.isEmpty ? component : "/" + component
      guard let kind = (try? store.root.status(of: walked))?.kind else { return nil }
      let full = store.path(walked)
      let target = try? store.root.targetStatus(of: walked)
      if kind == .symbolicLink, target == nil {
        return Obstacle(path: full, text: (try? store.root.readLink(walked)) ?? "nothing")
      }
      if let target, target.kind != .directory { return Obstacle(path: full, text: nil) }
    }
    return nil
  }

  private func blocked(
    _ code: ReleasesError.Code, _ noun: String, at path: String, by obstacle: Obstacle,
    _ purpose: String, _ create: String
  ) -> SharedPathFacts {
    let subject: Message = "\(noun) \(path: path)"
    guard let text = obstacle.text else {
      return SharedPathFacts(
        .wrongKind,
        ReleasesError(
          code, "\(subject) is missing: \(path: obstacle.path) is not a directory",
          hint: hint(movingAway: obstacle.path, purpose, create)))
    }
    return SharedPathFacts(
      .dangling,
      ReleasesError(
        code,
        obstacle.path == path
          ? "\(subject) is a dangling link to \(linkTarget: text)"
          : "\(subject) is missing: \(path: obstacle.path) is a dangling link to \(linkTarget: text)",
        hint: Hint(
          "mount or create what the link points to; see the link",
          shell: "ls -ld \(obstacle.path.shellWord)")))
  }

  private func hint(movingAway path: String, _ purpose: String, _ create: String) -> Hint {
    Hint(
      "move it out of the way, and \(purpose)",
      shell: "mv -T \(path.shellWord) \("\(path).old".shellWord) && \(create)")
  }
}
