internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension LinkFiles {
  /// Points both links to their targets, durably. Links that are right already are not touched.
  ///
  /// - Throws: what ``move(to:)`` and ``flush()`` throw.
  package func set(to pair: LinkPair) throws(ReleasesError) {
    guard try texts() != pair else { return }
    try move(to: pair)
    try flush()
  }

  /// Points both links to their targets for recovery, and always flushes them: the process that
  /// moved them may have been killed before it flushed them.
  ///
  /// - Throws: what ``move(to:)`` and ``flush()`` throw.
  package func setAndFlush(to pair: LinkPair) throws(ReleasesError) {
    if try texts() != pair { try move(to: pair) }
    try flush()
  }

  /// Points both links to their targets, `current` last. Each link changes atomically: a process
  /// that opens a path through it gets the old release or the new one.
  ///
  /// One ``flush()`` must follow. It is sufficient, because a link is durable when its name is.
  ///
  /// - Throws: an error when a link can't be replaced, or another process moves it at the same
  ///   time.
  package func move(to pair: LinkPair) throws(ReleasesError) {
    let now = try texts()
    let suffix = uniqueSuffix()
    let changes = [
      (name: Layout.previous, text: pair.previous, old: now.previous),
      (name: Layout.current, text: pair.current, old: now.current),
    ].filter { !LinkPair.isSameText($0.text, $0.old) }
    try withErrorMessage("can't switch the links of \(path: store.path)") {
      () throws(SystemError) in
      do throws(SystemError) {
        for change in changes {
          guard let text = change.text else { continue }
          try store.root.makeLink(Layout.temporaryName(for: change.name, suffix), to: text)
        }
      } catch {
        for change in changes {
          try? store.root.unlinkIfPresent(Layout.temporaryName(for: change.name, suffix))
        }
        throw error
      }
      for change in changes {
        if change.text == nil {
          try store.root.unlinkIfPresent(change.name)
        } else {
          let temporary = Layout.temporaryName(for: change.name, suffix)
          try store.root.rename(temporary, to: change.name)
        }
      }
    }
    guard try texts() == pair else {
      throw ReleasesError(
        .failed, "another process is moving the links of \(path: store.path)",
        hint: Hint("see the links", shell: "ls -l \(store.path)"))
    }
  }

  /// Makes the links durable. On btrfs, a flush of the directory can lose the rename of a symbolic
  /// link, so the whole file system is flushed there.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  package func flush() throws(ReleasesError) {
    try withErrorMessage("can't flush the links of \(path: store.path)") { () throws(SystemError) in
      if try store.root.fileSystem().type == "btrfs" {
        try store.root.syncFileSystem()
      } else {
        try store.root.sync()
      }
    }
  }
}
