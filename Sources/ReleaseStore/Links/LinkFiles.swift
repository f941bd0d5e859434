package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The links `current` and `previous`.
package struct LinkFiles: Sendable {
  let store: Store
}

extension Store {
  /// The links `current` and `previous`.
  package var links: LinkFiles { LinkFiles(store: self) }
}

extension LinkFiles {
  /// Reads the text of both links; nil when there is no link.
  ///
  /// - Throws: an error when a link can't be read.
  package func texts() throws(ReleasesError) -> LinkPair {
    LinkPair(
      current: try link(Layout.current).text, previous: try link(Layout.previous).text)
  }

  /// Reads `current` or `previous`, and what it points to.
  ///
  /// - Throws: an error when the link can't be read.
  package func link(_ name: String) throws(ReleasesError) -> ReleaseLink {
    try withErrorMessage("can't read the link \(path: store.path(name))") {
      () throws(SystemError) in
      guard let status = try store.root.statusIfPresent(of: name) else {
        return ReleaseLink(state: .missing, text: nil, isDirect: false)
      }
      guard status.kind == .symbolicLink else {
        return ReleaseLink(state: .notALink, text: nil, isDirect: false)
      }
      let text = try store.root.readLink(name)
      if let id = directTarget(text) {
        if try store.releases.statusIfPresent(of: id.text)?.kind == .directory {
          return ReleaseLink(state: .release(id), text: text, isDirect: true)
        }
        // Another link may have the name of a release, or nothing may.
        let alias = (try? store.releases.readLink(id.text)).map {
          ReleaseLink.Alias(id: id, text: $0)
        }
        let (state, target) = try resolved(name)
        if state == .elsewhere, target == nil, try !exists(name) {
          return ReleaseLink(state: .dangling(id), text: text, isDirect: true, alias: alias)
        }
        return ReleaseLink(
          state: state, text: text, isDirect: false, target: target, alias: alias)
      }
      let (state, target) = try resolved(name)
      return ReleaseLink(state: state, text: text, isDirect: false, target: target)
    }
  }

  /// Finds what `current` points to although it is not a release, such as the last version of an older
  /// workflow.
  ///
  /// - Parameter current: the link.
  /// - Returns: the kind of file; nil for a release, and when there is nothing.
  package func foreignTarget(of current: ReleaseLink) -> FileKind? {
    current.isForeign ? (try? store.root.targetStatus(of: Layout.current))?.kind : nil
  }

  /// Returns the release that was live before a person moved `current` and left `previous` alone. That
  /// release is the rollback target then, as after an activation.
  ///
  /// - Parameters:
  ///   - entry: the last entry of the journal, which is complete.
  ///   - links: the texts of the links now.
  /// - Returns: the release; nil when there is none, or a rollback would not choose it.
  /// - Throws: an error when the links or the catalog can't be read.
  package func releaseLeftByHand(
    since entry: JournalEntry, _ links: LinkPair
  ) throws(ReleasesError) -> ReleaseID? {
    guard let old = entry.linksBeforeMove(to: links),
      try link(Layout.previous).state != .notALink,
      let id = old.current.flatMap({ directTarget($0) }), try store.hasDirectory(id),
      try link(Layout.current).release != id, try link(Layout.previous).release != id,
      case .found(let release) = try store.catalog.entry(id), release.state == .ready
    else { return nil }
    return id
  }

  /// Returns the release that the text of a link names without another link in between.
  private func directTarget(_ text: String) -> ReleaseID? {
    var components = text.nameComponents
    if text.isAbsolutePath {
      let own = store.path.nameComponents
      guard components.starts(with: own, by: { $0.isSameName(as: $1) }) else { return nil }
      components.removeFirst(own.count)
    }
    guard components.count == 2, components[0].isSameName(as: Layout.releases) else { return nil }
    return ReleaseID(components[1])
  }

  /// Whether the link points to a directory or file that exists.
  ///
  /// - Throws: `SystemError` when the status can't be read for another reason.
  private func exists(_ name: String) throws(SystemError) -> Bool {
    do throws(SystemError) {
      _ = try store.root.targetStatus(of: name)
      return true
    } catch let error where error.leadsToNothing {
      return false
    }
  }

  /// Lets the kernel follow the link, through any other links.
  ///
  /// - Throws: `SystemError` when the link can't be followed for another reason.
  private func resolved(
    _ name: String
  ) throws(SystemError) -> (state: ReleaseLink.State, target: ReleaseID?) {
    do throws(SystemError) {
      let target = try store.root.open(name, .path)
      guard let components = target.path(beneath: store.releases)?.nameComponents,
        let id = components.first.flatMap({ ReleaseID($0) })
      else { return (.elsewhere, nil) }
      let isDirectory = try target.status().kind == .directory
      return (isDirectory && components.count == 1 ? .release(id) : .elsewhere, id)
    } catch let error where error.leadsToNothing {
      return (.elsewhere, nil)
    }
  }
}
