internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// Checks who can change the programs and scripts that a command names and that lie in the store or
/// in a release. A command for a shell is split into words; what a shell would compute is not found.
struct ProgramOwnership {
  private let store: String
  let directory: String
  private let tree: String
  private let live: String?
  let ownership: Ownership
  /// The directories below which everything is checked.
  private let roots: [String]

  /// - Parameters:
  ///   - store: the full path of the store.
  ///   - directory: the full path of the directory in which the command runs.
  ///   - tree: the value of `RELEASES_PATH`.
  ///   - live: the full path of the release that is, or will be, live; nil when there is none.
  ///   - ownership: who may own what runs.
  init(store: String, directory: String, tree: String, live: String?, ownership: Ownership) {
    (self.store, self.directory, self.tree, self.live) = (store, directory, tree, live)
    self.ownership = ownership
    // The store may have another real path.
    let real = (try? Descriptor.openDirectory(store))?.path
    roots = [store, real, directory, tree].compactMap { $0 }
  }

  /// Returns why other users can change a program of a command; nil when they can't.
  ///
  /// - Parameters:
  ///   - command: the command.
  ///   - key: its key in the configuration, for the message; nil for none.
  /// - Returns: an error with the code `unsafeOwner`.
  func problem(in command: Configuration.Command, _ key: String?) -> ReleasesError? {
    for (index, word) in command.words.enumerated() {
      guard let path = path(of: word), isProgram(path, isFirst: index == 0) else { continue }
      let real = (try? Descriptor.open(path, .path))?.path
      for path in Set([path, real ?? path]).sorted() {
        if let problem = problem(along: path, key) { return problem }
      }
    }
    return nil
  }

  /// Returns the full path that a word names in the store or in the release; nil for any other.
  private func path(of word: String) -> String? {
    let expanded = word.replacing("${RELEASES_PATH}", with: tree)
      .replacing("$RELEASES_PATH", with: tree)
      .replacing("${RELEASES_STORE}", with: store).replacing("$RELEASES_STORE", with: store)
    guard expanded.isAbsolutePath else { return "\(directory)/\(expanded)" }
    let current = "\(store)/\(Layout.current)/"
    if expanded.hasPrefix(current) {
      return live.map { "\($0)/\(expanded.dropFirst(current.count))" }
    }
    return roots.contains { expanded.hasPrefix("\($0)/") } ? expanded : nil
  }

  /// Whether a path names a file that can run: one that may be executed, a script by its name, or
  /// the first word of the command. Other files are data, which a service may own.
  private func isProgram(_ path: String, isFirst: Bool) -> Bool {
    guard let status = try? status(ofPath: path), status.kind == .file else { return false }
    let suffixes = ["sh", "bash", "py", "rb", "pl", "php", "js", "mjs", "cjs", "ts", "lua"]
    return isFirst || status.permissions & 0o111 != 0
      || suffixes.contains { path.hasSuffix(".\($0)") }
  }

  /// Checks a path and the directories above it, up to the store or the release.
  private func problem(along path: String, _ key: String?) -> ReleasesError? {
    var place = "/" + path.nameComponents.joined(separator: "/")
    while roots.contains(where: { place.hasPrefix("\($0)/") }) {
      if let status = try? status(ofPath: place),
        let problem = ownership.problem(of: status, at: place, .release)
      {
        return key.map { problem.prefixed("\($0): ") } ?? problem
      }
      place = place.parentDirectory
    }
    return nil
  }
}

extension ReleasesError {
  /// Returns the same error with a text in front of its message.
  fileprivate func prefixed(_ text: String) -> ReleasesError {
    ReleasesError(code, "\(text)\(message)", hint: hint, cause: cause)
  }
}
