internal import Linux
package import ReleaseModel
internal import Text

extension StoreOwners {
  /// Reads the owners of the parts of a store.
  ///
  /// - Parameters:
  ///   - path: the path of the store.
  ///   - owner: the owner of the store.
  init(of path: String, owner: UserID) {
    func ownerOf(_ names: String...) -> UserID? {
      (try? status(ofPath: ([path] + names).joined(separator: "/")))?.owner
    }
    self.init(store: owner)
    control = ownerOf(Layout.control)
    releases = ownerOf(Layout.releases)
    configuration = ownerOf(Layout.configuration)
    content = Layout.controlParts.compactMap { ownerOf(Layout.control, $0) }
  }
}

extension Hint {
  /// Makes the hint for a part of a store that belongs to another user than the store.
  ///
  /// - Parameters:
  ///   - part: the full path of the part.
  ///   - other: the user to whom it belongs.
  ///   - owners: the owners of the store and its parts.
  ///   - store: the path of the store.
  ///   - includesContent: whether to give away what the part contains, too.
  /// - Returns: a hint with a chown(1) that the caller or an administrator can run.
  static func correctOwner(
    of part: String, _ other: UserID, _ owners: StoreOwners, in store: String, includesContent: Bool
  ) -> Hint {
    let owner = owners.store
    switch owners.oddOne(with: other) {
    case .part: return .give(part, to: owner, includesContent: includesContent)
    case .store:
      return Hint(
        "everything in the store belongs to \(userName(other)); give the store to that user, too",
        shell: "\(asRoot)chown \(other) \(store.shellWord)")
    case .unclear:
      // Hooks run as the owner of the store: the command must not be the one that makes this root.
      let (wanted, alternative) = owner == 0 ? (other, owner) : (owner, other)
      let line = "\(asRoot)chown -R \(alternative) \(store.shellWord)"
      return Hint(
        """
        parts of the store belong to \(userName(owner)), others to \(userName(other)), and hooks run \
        as its owner; if that is to be \(userName(alternative)), use '\(verbatim: line)', \
        if \(userName(wanted))
        """, shell: "\(asRoot)chown -R \(wanted) \(store.shellWord)")
    }
  }
}

extension Ownership {
  /// Returns why the owner of a store can't change what the store consists of, because parts of it belong
  /// to another user; nil when none do.
  ///
  /// - Parameter path: the full path of the store.
  /// - Returns: an error with the code `permission`.
  package func problemOfParts(in path: String) -> ReleasesError? {
    let names =
      [Layout.control, Layout.releases] + Layout.controlParts.map { "\(Layout.control)/\($0)" }
    let wrong = names.compactMap { name in
      (try? status(ofPath: "\(path)/\(name)")).flatMap {
        $0.owner == owner || UserNamespace.hides($0.owner) ? nil : (name: name, owner: $0.owner)
      }
    }
    guard let first = wrong.first else { return nil }
    let (all, whole) = (wrong.map(\.name), wrong.contains { $0.name == Layout.control })
    // The releases themselves may belong to another user.
    let recursive = all.filter { name in
      name != Layout.releases && (name == Layout.control || !whole)
    }
    let words = { (names: [String]) in
      names.map { "\(path)/\($0)".shellWord }.joined(separator: " ")
    }
    let commands = [
      recursive.isEmpty ? nil : "\(Hint.asRoot)chown -R \(owner) \(words(recursive))",
      all.contains(Layout.releases)
        ? "\(Hint.asRoot)chown \(owner) \(words([Layout.releases]))" : nil,
    ].compactMap { $0 }
    let more: Message = all.count > 1 ? " and \(all.count - 1) more of the store's own files" : ""
    return ReleasesError(
      .permission,
      """
      \(path: "\(path)/\(first.name)")\(more) \(verbatim: all.count > 1 ? "belong" : "belongs") to \
      \(userName(first.owner)): commands of the store's owner, \(userName(owner)), can't change \
      \(verbatim: all.count > 1 ? "them" : "it")
      """,
      hint: Hint(
        "give \(verbatim: all.count > 1 ? "them" : "it") to \(userName(owner))",
        shell: commands.joined(separator: " && ")))
  }
}
