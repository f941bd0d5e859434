internal import Linux

extension Store {
  /// Points both links where they belong, durably; see ``moveLinks(_:_:)``. Links that are right
  /// already are not touched.
  func setLinks(_ pair: LinkPair, _ environment: Environment) throws(ReleasesError) {
    guard try linkTexts() != pair else { return }
    try moveLinks(pair, environment)
    try flushLinks()
  }

  /// The same, for recovery: who moved the links may have been killed before they were flushed, so
  /// they are flushed also where they are right already.
  func settleLinks(_ pair: LinkPair, _ environment: Environment) throws(ReleasesError) {
    if try linkTexts() != pair { try moveLinks(pair, environment) }
    try flushLinks()
  }

  /// Points both links where they belong, `current` last. Each link changes at once: who opens a
  /// path through it gets the old release or the new one. It has to be followed by one flush, which
  /// is enough: where a link's new name is on the disk, so is the link.
  func moveLinks(_ pair: LinkPair, _ environment: Environment) throws(ReleasesError) {
    let now = try linkTexts()
    let suffix = environment.uniqueSuffix()
    let changes = [
      (name: Layout.previous, text: pair.previous, old: now.previous),
      (name: Layout.current, text: pair.current, old: now.current),
    ].filter { !LinkPair.isSameText($0.text, $0.old) }
    try attempting("can't switch the links of \(path)") { () throws(SystemError) in
      do throws(SystemError) {
        for change in changes {
          guard let text = change.text else { continue }
          try root.makeLink(Layout.temporaryName(for: change.name, suffix), to: text)
        }
      } catch {
        for change in changes {
          try? root.unlinkIfPresent(Layout.temporaryName(for: change.name, suffix))
        }
        throw error
      }
      for change in changes {
        if change.text == nil {
          try root.unlinkIfPresent(change.name)
        } else {
          let temporary = Layout.temporaryName(for: change.name, suffix)
          try root.rename(temporary, to: change.name)
        }
      }
    }
    guard try linkTexts() == pair else {
      throw ReleasesError(
        .failed, "the links of \(path) are not as they were just written",
        hint: "somebody else moves them; see: ls -l \(path)")
    }
  }

  /// btrfs has lost a symbolic link's rename although its directory was flushed.
  func flushLinks() throws(ReleasesError) {
    try attempting("can't flush the links of \(path)") { () throws(SystemError) in
      if try root.fileSystem().type == "btrfs" {
        try root.syncFileSystem()
      } else {
        try root.sync()
      }
    }
  }
}
