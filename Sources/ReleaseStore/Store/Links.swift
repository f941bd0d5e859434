internal import Linux

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

  static func isSameText(_ one: String?, _ other: String?) -> Bool {
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

  init(state: State, text: String?, isDirect: Bool, holds: ReleaseID? = nil) {
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

extension Store {
  /// Both links' texts; nil where there is no link.
  func linkTexts() throws(ReleasesError) -> LinkPair {
    LinkPair(
      current: try link(Layout.current).text, previous: try link(Layout.previous).text)
  }

  /// Looks at `current` or `previous`.
  package func link(_ name: String) throws(ReleasesError) -> ReleaseLink {
    try attempting("can't read the link \(path(name))") { () throws(SystemError) in
      guard let status = try root.statusIfPresent(of: name) else {
        return ReleaseLink(state: .missing, text: nil, isDirect: false)
      }
      guard status.kind == .symbolicLink else {
        return ReleaseLink(state: .notALink, text: nil, isDirect: false)
      }
      let text = try root.readLink(name)
      if let id = directTarget(text) {
        if try releases.statusIfPresent(of: id.text)?.kind == .directory {
          return ReleaseLink(state: .release(id), text: text, isDirect: true)
        }
        // What has a release's name may be another link, or nothing.
        let (state, holds) = try resolved(name)
        if state == .elsewhere, holds == nil {
          return ReleaseLink(state: .dangling(id), text: text, isDirect: true)
        }
        return ReleaseLink(state: state, text: text, isDirect: false, holds: holds)
      }
      let (state, holds) = try resolved(name)
      return ReleaseLink(state: state, text: text, isDirect: false, holds: holds)
    }
  }

  /// The release a link's text names without another link between.
  private func directTarget(_ text: String) -> ReleaseID? {
    var components = text.nameComponents
    if text.isAbsolutePath {
      let own = path.nameComponents
      guard components.starts(with: own, by: { $0.isSameName(as: $1) }) else { return nil }
      components.removeFirst(own.count)
    }
    guard components.count == 2, components[0].isSameName(as: Layout.releases) else { return nil }
    return ReleaseID(components[1])
  }

  /// Lets the kernel follow whatever chain there is.
  private func resolved(
    _ name: String
  ) throws(SystemError) -> (state: ReleaseLink.State, holds: ReleaseID?) {
    do throws(SystemError) {
      let target = try root.open(name, .path)
      guard let components = target.path(beneath: releases)?.nameComponents,
        let id = components.first.flatMap({ ReleaseID($0) })
      else { return (.elsewhere, nil) }
      let isDirectory = try target.status().kind == .directory
      return (isDirectory && components.count == 1 ? .release(id) : .elsewhere, id)
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      return (.elsewhere, nil)
    }
  }
}
