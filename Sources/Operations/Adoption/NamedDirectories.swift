internal import ReleaseModel
internal import Text

/// The directories that the operator names with `--adopt`.
struct NamedDirectories {
  /// The path of the store.
  let path: String
  private let directories: Set<ReleaseID>
  private let strays: [String]
  private let strayLinks: [String: String]
  private let links: LinkPair

  init(of path: String, _ snapshot: Snapshot) {
    self.path = path
    directories = snapshot.directories
    strays = snapshot.strays
    strayLinks = snapshot.strayLinks
    links = snapshot.links
  }

  init(of path: String, _ future: FutureReleases) {
    self.path = path
    directories = future.directories
    strays = future.strays
    strayLinks = future.strayLinks
    links = future.links
  }

  private var releases: String { "\(path)/\(Layout.releases)" }

  /// Returns the release IDs of directories.
  ///
  /// - Parameter names: the names that the operator gave.
  /// - Returns: their IDs; all of them exist.
  /// - Throws: `noSuchRelease` when there is no such directory, `unsupported` for a symbolic link, and
  ///   for a name that can't be a release ID.
  func ids(_ names: [String]) throws(ReleasesError) -> Set<ReleaseID> {
    var ids: Set<ReleaseID> = []
    for name in names {
      if let id = ReleaseID(name), directories.contains(id) {
        ids.insert(id)
      } else if let text = strayLinks[name] {
        throw linkError(name, text)
      } else if strays.contains(where: { $0.isSameName(as: name) }), ReleaseID(name) == nil {
        throw nameError(name)
      } else {
        throw missingError(name)
      }
    }
    return ids
  }

  private func linkError(_ name: String, _ text: String) -> ReleasesError {
    let sibling = ReleaseID(text).flatMap { directories.contains($0) ? $0 : nil }
    let (link, copy) = (name.shellWord, "\(name).new".shellWord)
    return ReleasesError(
      .unsupported, "can't adopt \(name): it is a symbolic link to \(text), not a directory",
      hint: sibling.map { Hint("adopt what it points to", command: ["init", "--adopt", $0.text]) }
        ?? Hint(
          "replace the link with a copy",
          shell: "cd \(releases.shellWord) && cp -aT \"$(readlink -e \(link))\" \(copy) &&"
            + " rm \(link) && mv -T \(copy) \(link)"))
  }

  private func nameError(_ name: String) -> ReleasesError {
    ReleasesError(
      .unsupported,
      "can't adopt \(name): a release ID has only letters, digits, dots, underscores and hyphens,"
        + " and at most 64 of them",
      hint: legalName(for: name).map { renameHint(name, to: $0) } ?? "rename the directory")
  }

  /// Returns the hint to rename a directory. If a link points to it, the service may run there, so the
  /// directory is copied and the link is replaced.
  private func renameHint(_ name: String, to id: ReleaseID) -> Hint {
    let ends = [(Layout.current, links.current), (Layout.previous, links.previous)].filter {
      $0.1?.nameComponents.last?.isSameName(as: name) == true
    }
    let link = Layout.linkText(id).shellWord
    let relink = ends.map { "ln -s \(link) \($0.0).new && mv -T \($0.0).new \($0.0) && " }.joined()
    let old = "\(Layout.releases)/\(name)".shellWord
    return Hint(
      ends.isEmpty
        ? "rename the directory and adopt it" : "copy the directory, and adopt the copy",
      shell: "cd \(path.shellWord) && \(ends.isEmpty ? "mv" : "cp -a") -T -- \(old) \(link) &&"
        + " \(relink)releases --store . init --adopt \(id)")
  }

  /// Returns a free release ID that resembles a name.
  private func legalName(for name: String) -> ReleaseID? {
    let scalars = name.unicodeScalars.prefix(56).map { scalar in
      scalar.isASCII && ReleaseID("x\(scalar)") != nil ? Character(scalar) : "-"
    }
    let legal = String(scalars)
    return [legal, "release-\(legal.prefix(48))"].compactMap { ReleaseID($0) }
      .first { !directories.contains($0) && !strays.contains($0.text) }
  }

  private func missingError(_ name: String) -> ReleasesError {
    let last = name.nameComponents.last.flatMap { ReleaseID($0) }
    return ReleasesError(
      .noSuchRelease, "can't adopt \(name): \(releases) has no directory of that name",
      hint: last.flatMap { directories.contains($0) ? $0 : nil }.map {
        Hint("use only the name of the directory", command: ["init", "--adopt", $0.text])
      } ?? Hint("list the directories", shell: "ls -l \(releases.shellWord)"))
  }
}
