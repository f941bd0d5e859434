package import Text

/// The texts of the two links. The journal stores the texts rather than releases, so that undoing a
/// switch restores the exact links. Texts are compared byte by byte.
package struct LinkPair: Codable, Equatable, Sendable {
  package var current: String?
  package var previous: String?

  package init(current: String? = nil, previous: String? = nil) {
    self.current = current
    self.previous = previous
  }

  package static func == (one: LinkPair, other: LinkPair) -> Bool {
    isSameText(one.current, other.current) && isSameText(one.previous, other.previous)
  }

  /// Whether two link texts are identical; nil stands for a link that does not exist.
  package static func isSameText(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.isSameName(as: other)
  }
}

/// The link `current` or `previous`, and what it points to.
package struct ReleaseLink: Equatable, Sendable {
  /// What has the name of the link.
  package enum State: Equatable, Sendable {
    case missing
    /// The link points to a release that exists.
    case release(ReleaseID)
    /// The link points to a release that does not exist.
    case dangling(ReleaseID)
    /// The link points to something other than a release of this store.
    case elsewhere
    /// A directory or a file has the name of the link.
    case notALink
  }

  package let state: State
  /// The text of the link; nil when there is no link.
  package let text: String?
  /// Whether the link names the release itself, rather than another link that may move.
  package let isDirect: Bool
  /// The release that the link points to, or to something inside of.
  package let target: ReleaseID?
  /// The name in `releases/` that the link names, if that is itself a symbolic link.
  package let alias: Alias?

  /// A symbolic link in `releases/` that has the name of a release.
  package struct Alias: Equatable, Sendable {
    package let id: ReleaseID
    /// The text of the symbolic link.
    package let text: String

    package init(id: ReleaseID, text: String) {
      self.id = id
      self.text = text
    }
  }

  package init(
    state: State, text: String?, isDirect: Bool, target: ReleaseID? = nil, alias: Alias? = nil
  ) {
    self.state = state
    self.text = text
    self.isDirect = isDirect
    self.alias = alias
    if case .release(let id) = state { self.target = id } else { self.target = target }
  }

  /// The release that the link points to; nil when it does not exist.
  package var release: ReleaseID? {
    if case .release(let id) = state { return id }
    return nil
  }

  /// The release that the link names or points into, whether it exists or not.
  package var namedRelease: ReleaseID? {
    if case .dangling(let id) = state { return id }
    return target ?? alias?.id
  }

  /// Whether the link points to something that may be a working directory of the service, although
  /// it is not a release of this store.
  package var isForeign: Bool { state == .elsewhere && text != nil }

  /// Describes what is wrong with the link; nil when nothing is.
  package func problem(named name: String) -> Message? {
    if let alias, release == nil {
      return
        "\(name) points to \(linkTarget: text), which is a symbolic link to \(linkTarget: alias.text)"
        + " and not a release"
    }
    return switch state {
    case .dangling(let id): "\(name) points to \(linkTarget: id), which does not exist"
    case .elsewhere: "\(name) points to \(linkTarget: text), which is not a release"
    case .notALink: "\(name) is a directory or file, not a link"
    case .missing, .release: nil
    }
  }
}
