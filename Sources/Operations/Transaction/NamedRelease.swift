package import ReleaseModel
package import ReleaseStore
internal import Text

/// A release as a command names it. A word such as `previous` means what it means when the command
/// begins: it is refused if it means another release once the lock is held, because an interrupted
/// command has been recovered, or another one has ended. One step back would be two.
package struct NamedRelease: Sendable {
  private let name: String
  /// What the name meant when the command began; nil for no release.
  private let atFirst: ReleaseID?

  /// Notes what a name means when a command begins.
  ///
  /// - Parameters:
  ///   - name: the name as it was typed.
  ///   - snapshot: the facts of the store before the lock is taken.
  package init(_ name: String, _ snapshot: Snapshot) {
    self.init(name, atFirst: try? snapshot.release(named: name))
  }

  /// Notes what a name means when a command begins. Only a word is looked up, since no recovery changes
  /// what an ID means.
  ///
  /// - Parameters:
  ///   - name: the name as it was typed.
  ///   - facts: reads the facts of the store before the lock is taken; nil if they can't be read.
  init(word name: String, _ facts: () -> Snapshot?) {
    let isWord = Snapshot.words.contains(name)
    self.init(name, atFirst: isWord ? try? facts()?.release(named: name) : nil)
  }

  private init(_ name: String, atFirst: ReleaseID?) {
    self.name = name
    self.atFirst = atFirst
  }

  /// Returns the release once the lock is held. Only for a word, the store is read.
  ///
  /// - Throws: what ``id(in:)-(Snapshot)`` throws, and an error when the store can't be read.
  package func id(in store: Store) throws(ReleasesError) -> ReleaseID {
    if let atFirst, !Snapshot.words.contains(name) { return atFirst }
    return try id(in: try store.snapshot())
  }

  /// Returns the release.
  ///
  /// - Parameter snapshot: the facts of the store once the lock is held, or as recovery will leave them.
  /// - Returns: the release.
  /// - Throws: `noSuchRelease` for an unknown release, `nothingToRollBackTo` for `previous` when there is
  ///   no rollback target, `liveChanged` when a word no longer means the same release.
  package func id(in snapshot: Snapshot) throws(ReleasesError) -> ReleaseID {
    guard Snapshot.words.contains(name) else {
      if let atFirst { return atFirst }
      return try snapshot.release(named: name)
    }
    let id = try snapshot.release(named: name)
    if id == atFirst { return id }
    throw ReleasesError(
      .liveChanged,
      """
      nothing was changed: "\(verbatim: name)" means \(id) now, and meant \
      \(verbatim: atFirst?.text ?? "no release") when the command began
      """,
      hint: Hint("see what is live, and name the release by its ID", command: ["list"]))
  }
}
