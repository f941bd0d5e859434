internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The link that the front connects to. It points to the socket of the live release, so that one
/// rename(2) moves all new connections.
package struct LiveLink: Sendable {
  private let layout: InstanceLayout

  package init(_ layout: InstanceLayout) { self.layout = layout }

  /// Returns the release whose socket the link points to; nil for none.
  ///
  /// - Throws: an error when the directory can't be opened or the link can't be read.
  package func release() throws(ReleasesError) -> ReleaseID? {
    try withErrorMessage("can't read the link \(path: layout.live)") { () throws(SystemError) in
      do throws(SystemError) {
        let directory = try Descriptor.openDirectory(layout.live.parentDirectory)
        guard try directory.statusIfPresent(of: name)?.kind == .symbolicLink else { return nil }
        return layout.release(ofLinkText: try directory.readLink(name))
      } catch let error where error.errno == .noEntry {
        return nil
      }
    }
  }

  /// Looks at what has the path of the link. Changes nothing.
  package var state: InstanceOverview.Link {
    do throws(SystemError) {
      let directory: Descriptor
      do throws(SystemError) {
        directory = try Descriptor.openDirectory(layout.live.parentDirectory)
      } catch let error where error.errno == .noEntry {
        return .noDirectory
      }
      guard let status = try directory.statusIfPresent(of: name) else { return .missing }
      guard status.kind == .symbolicLink else {
        return .notALink(isDirectory: status.kind == .directory)
      }
      let text = try directory.readLink(name)
      return layout.release(ofLinkText: text).map { .release($0) } ?? .elsewhere(text)
    } catch let error where error.errno == .noEntry {
      return .missing
    } catch {
      return .unreadable("can't read the link \(path: layout.live): \(Message(error))")
    }
  }

  /// Points the link to the socket of a release, in one step for every client. What an
  /// interrupted call has left is removed.
  ///
  /// - Parameter id: the release.
  /// - Throws: `notALink` when something else has the name of the link, another error when it can't be
  ///   replaced.
  package func point(to id: ReleaseID) throws(ReleasesError) {
    try replace(
      by: layout.linkText(to: id),
      "can't point the link \(path: layout.live) to the socket of \(id)")
  }

  /// Points the link to another link. What connects to this one then follows that one.
  ///
  /// - Parameters:
  ///   - other: the other link.
  ///   - creates: whether this link is made if it does not exist.
  /// - Returns: whether it was changed; false, too, if this link does not exist.
  /// - Throws: `notALink` when something else has the name of the link, another error when it can't be
  ///   replaced.
  package func point(
    to other: LiveLink, creating creates: Bool = false
  ) throws(ReleasesError) -> Bool {
    if state == .noDirectory || (state == .missing && !creates) { return false }
    let target = other.layout.live
    return try replace(
      by: layout.linkText(toPath: target),
      "can't point the link \(path: layout.live) to \(path: target)")
  }

  /// Replaces the link.
  ///
  /// - Returns: false if it had this text already.
  /// - Throws: `notALink` when something else has its name, another error when it can't be replaced.
  @discardableResult
  private func replace(by text: String, _ message: Message) throws(ReleasesError) -> Bool {
    let place = layout.live.parentDirectory
    let kind = try withErrorMessage(message) { () throws(SystemError) -> FileKind? in
      try Descriptor.openDirectory(place).statusIfPresent(of: name)?.kind
    }
    if let kind, kind != .symbolicLink { throw notALink(kind) }
    return try withErrorMessage(message) { () throws(SystemError) in
      let directory = try Descriptor.openDirectory(place)
      for entry in try directory.entries() where Layout.isTemporary(entry.name, for: [name]) {
        try? directory.unlinkIfPresent(entry.name)
      }
      if kind != nil, try directory.readLink(name) == text { return false }
      let temporary = Layout.temporaryName(for: name, uniqueSuffix())
      try directory.makeLink(temporary, to: text)
      do throws(SystemError) {
        try directory.rename(temporary, to: name)
      } catch {
        try? directory.unlinkIfPresent(temporary)
        throw error
      }
      return true
    }
  }

  /// Checks whether the link can be replaced, without changing it.
  ///
  /// - Returns: the reason for a refusal; nil when it can be.
  package func problem() -> ReleasesError? {
    let place = layout.live.parentDirectory
    let hint = Hint(
      "let systemd-tmpfiles make the directory for the store's owner; see",
      shell: "man releases.yaml")
    do throws(SystemError) {
      let directory = try Descriptor.openDirectory(place)
      let status = try directory.status()
      let isOwn = status.owner == ProcessFacts.effectiveUser || status.owner == 0
      if !isOwn || status.permissions & 0o022 != 0 {
        return ReleasesError(
          .unsafeOwner,
          "\(path: place), the directory of service.live, can be changed by other users", hint: hint
        )
      }
      let sockets = layout.fixedDirectory
      if let other = try? Linux.status(ofPath: sockets), other.permissions & 0o002 != 0 {
        return ReleasesError(
          .unsafeOwner,
          "\(path: sockets), the directory of service.socket, can be changed by every user",
          hint: hint)
      }
      if !HostProgram.mayChange(place) {
        return ReleasesError(
          .permission, "\(path: place), the directory of service.live, can't be changed", hint: hint
        )
      }
      let kind = try directory.statusIfPresent(of: name)?.kind
      return kind.flatMap { $0 == .symbolicLink ? nil : notALink($0) }
    } catch let error where error.errno == .noEntry {
      return ReleasesError(
        .permission, "\(path: place), the directory of service.live, does not exist",
        hint: Hint("let systemd make it", shell: "\(Hint.asRoot)systemd-tmpfiles --create"))
    } catch {
      return ReleasesError("can't open \(path: place), the directory of service.live", error)
        .with(hint)
    }
  }

  private func notALink(_ kind: FileKind) -> ReleasesError {
    let command = InstanceOverview.Link.removal(isDirectory: kind == .directory)
    return ReleasesError(
      .notALink, "\(path: layout.live) is not a link",
      hint: Hint("remove it; it is made again", shell: "\(command) \(layout.live.shellQuoted)"))
  }

  private var name: String { layout.live.nameComponents.last ?? layout.live }
}
