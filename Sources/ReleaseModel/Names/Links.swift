internal import Text

/// The two links, as the text they hold. The journal keeps them like this so that going back
/// restores just what was there. Equal only byte for byte.
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

  package static func isSameText(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.isSameName(as: other)
  }
}

/// One of the two links and what it leads to.
package struct ReleaseLink: Equatable, Sendable {
  /// What stands at the link's name.
  package enum State: Equatable, Sendable {
    case missing
    /// Leads to a release that is there.
    case release(ReleaseID)
    /// Leads to a release whose directory is not there.
    case dangling(ReleaseID)
    /// A link to something that is no release of this store.
    case elsewhere
    /// A real directory or file.
    case notALink
  }

  package let state: State
  /// What the link says; nil when there is none.
  package let text: String?
  /// Whether it names the release itself, not another link that may move.
  package let isDirect: Bool
  /// The release whose tree it leads into, be it not to the top of it.
  package let holds: ReleaseID?

  package init(state: State, text: String?, isDirect: Bool, holds: ReleaseID? = nil) {
    self.state = state
    self.text = text
    self.isDirect = isDirect
    if case .release(let id) = state { self.holds = id } else { self.holds = holds }
  }

  /// The release it leads to, if that is there.
  package var release: ReleaseID? {
    if case .release(let id) = state { return id }
    return nil
  }

  /// What is wrong with it, for people; nil when nothing is.
  package func problem(named name: String) -> String? {
    switch state {
    case .dangling(let id): "\(name) leads to \(id), which is not there"
    case .elsewhere: "\(name) leads to \(text ?? "nothing"), which is no release"
    case .notALink: "\(name) is a real directory or file, not a link"
    case .missing, .release: nil
    }
  }
}
