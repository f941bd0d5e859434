internal import Linux
package import ReleaseModel
package import StoreSupport
internal import Text

/// What `current` points to although it is not a release of the store, such as the last version of an
/// older workflow: a directory, or a file such as a jar. Its service is restored like a release when
/// the first switch fails.
package struct ForeignPlace: Sendable {
  /// The text of the link.
  package let text: String
  /// Its name, for `RELEASES_ID`.
  package let name: String
  /// Its full path, for `RELEASES_PATH`.
  package let path: String
  /// Why other users can decide what runs in it; nil when they can't.
  package let ownershipProblem: ReleasesError?
  private let isDirectory: Bool

  /// Finds what `current` points to now; nil when the link has another text or is dangling.
  ///
  /// - Parameters:
  ///   - text: the text that the link has.
  ///   - directories: the directories of the store.
  package init?(behind text: String, in directories: StoreDirectories) {
    guard let found = try? directories.root.readLink(Layout.current),
      found.isSameName(as: text),
      let target = try? directories.root.open(Layout.current, .path),
      let status = try? target.status(),
      let ownership = try? Ownership(of: directories.root, path: directories.path)
    else { return nil }
    self.text = text
    path = target.path ?? "\(directories.path)/\(Layout.current)"
    name = path.nameComponents.last ?? Layout.current
    isDirectory = status.kind == .directory
    ownershipProblem = ownership.problem(of: status, at: path, .release)
  }

  /// Opens the directory for a program to run in: the place itself if it is a directory that no other
  /// user can change, or else that of the store.
  ///
  /// - Throws: `SystemError` when it can't be opened.
  func openWorkingDirectory(_ directories: StoreDirectories) throws(SystemError) -> Descriptor {
    isDirectory && ownershipProblem == nil
      ? try directories.root.open(Layout.current, .directory)
      : try directories.root.openDirectory(".")
  }
}
