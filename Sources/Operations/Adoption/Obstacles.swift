internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// Finds files that have the name of a link or a directory of the store.
struct Obstacles {
  /// The path of the store.
  let path: String

  /// Refuses a directory in which something else has the name of a link or a directory of the store.
  ///
  /// - Throws: `notALink` for such a directory, another error when it can't be read.
  func refuse(_ root: borrowing Descriptor) throws(ReleasesError) {
    for (name, wanted) in [
      (Layout.current, FileKind.symbolicLink), (Layout.previous, .symbolicLink),
      (Layout.releases, .directory), (Layout.control, .directory),
    ] {
      let status = try withErrorMessage("can't read the status of \(path: path)/\(name)") {
        () throws(SystemError) in
        try root.statusIfPresent(of: name)
      }
      guard let kind = status?.kind, kind != wanted else { continue }
      if wanted == .symbolicLink { throw ReleasesError(notALink: name, kind, in: path) }
      // A release gets its name by a rename, which a link to another place does not allow.
      let pointsToDirectory = (try? root.targetStatus(of: name))?.kind == .directory
      throw ReleasesError(
        .notALink, "\(path: path)/\(name) is a \(kind.noun), not a \(wanted.noun)",
        hint: pointsToDirectory
          ? Hint(
            "move what it points to into the store",
            shell:
              "cd \(path.shellWord) && mv -T \"$(readlink -e \(name))\" \(name).new && rm \(name) &&"
              + " mv -T \(name).new \(name) && releases --store . init")
          : moveAwayHint(name, path))
    }
  }
}

private func moveAwayHint(_ name: String, _ path: String) -> Hint {
  Hint(
    "move it out of the way",
    shell: "cd \(path.shellWord) && mv -T \(name) \(FreeName(path: path).file("\(name).old"))"
      + " && releases --store . init")
}

extension ReleasesError {
  /// Makes the error for a directory or a file in the place of a link, which may be the only copy
  /// of something.
  init(notALink name: String, _ kind: FileKind, in path: String) {
    let release = "\(Layout.releases)/\(FreeName(path: path).release("from-\(name)"))"
    self.init(
      .notALink, "\(path: path)/\(name) is a \(kind.noun), not a link",
      hint: kind == .directory
        ? Hint(
          "make it a release",
          shell:
            "cd \(path.shellWord) && mkdir -p \(Layout.releases) && mv -T \(name) \(release) &&"
            + " ln -s \(release) \(name) && releases --store . init")
        : moveAwayHint(name, path))
  }
}
