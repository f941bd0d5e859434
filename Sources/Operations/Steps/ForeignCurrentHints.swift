internal import ReleaseModel
internal import Text

extension Hint {
  /// Makes the hint for a directory that `current` points to. The service goes on running in it.
  ///
  /// - Parameter path: the path of the store.
  /// - Returns: how to make a release of it.
  static func makeReleaseOfCurrent(in path: String) -> Hint {
    let id = FreeName(path: path).release("from-\(Layout.current)")
    let (link, release) = (Layout.current, "\(Layout.releases)/\(id)")
    return Hint(
      "to be able to roll back to it, make a release of it",
      shell: "cd \(path.shellWord) && test ! -e \(release) &&"
        + " cp -aT \"$(readlink -e \(link))\" \(release) &&"
        + " ln -sfn \(release) \(link).new && mv -T \(link).new \(link) && releases --store . init")
  }

  /// Makes the hint for a directory that `current` pointed to before a switch.
  ///
  /// - Parameters:
  ///   - text: the text of the link.
  ///   - path: the path of the store.
  /// - Returns: how to make a release of it.
  static func makeRelease(of text: String, in path: String) -> Hint {
    if Outgoing.isSecret(text) { return "to be able to roll back to it, make a release of it" }
    let id = FreeName(path: path).release("from-\(Layout.current)")
    return Hint(
      "to be able to roll back to it, make a release of it",
      shell: "cd \(path.shellWord) && test ! -e \(Layout.releases)/\(id) &&"
        + " cp -aT -- \(text.shellWord) \(Layout.releases)/\(id) &&"
        + " releases --store . init --adopt \(id) && releases --store . mark \(id) good")
  }
}
