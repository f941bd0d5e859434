internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Changes of the links that several commands and recovery make.
enum LinkCorrections {
  /// Performs a change of the links, the catalog or the freeze file, and nothing else.
  ///
  /// - Parameters:
  ///   - transaction: the transaction that makes it.
  ///   - operation: the operation for the journal.
  ///   - id: the release that it is about; nil for the whole store.
  ///   - newState: the new state of the release; nil to leave it as it is.
  ///   - reason: the reason for the journal and the catalog.
  ///   - after: the links afterwards; nil to leave them as they are.
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  static func annotate(
    in transaction: inout Transaction, _ operation: JournalEntry.Operation, _ id: ReleaseID?,
    newState: ReleaseState? = nil,
    reason: Message? = nil, links after: LinkPair? = nil
  ) throws(ReleasesError) {
    let links = try transaction.store.links.texts()
    let intent = Intent(
      operation: operation, id: id, before: links, after: after ?? links, newState: newState,
      reason: reason)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      try transaction.store.links.set(to: entry.after)
      try transaction.store.catalog.apply(entry)
      return .done()
    }
  }

  /// Points `previous` to another release when it points to a release that has become bad.
  ///
  /// - Throws: an error when the store can't be read, or what ``Transaction/perform(_:_:)`` throws.
  static func movePreviousOffBadRelease(
    in transaction: inout Transaction
  ) throws(ReleasesError) {
    let store = transaction.store
    guard let id = try store.links.link(Layout.previous).release,
      case .found(let entry) = try store.catalog.entry(id), entry.state == .bad
    else { return }
    let snapshot = try store.snapshot()
    var after = snapshot.links
    after.previous = snapshot.lastLive(except: [snapshot.live]).map { Layout.linkText($0) }
    try annotate(
      in: &transaction, .mark, id, newState: .bad,
      reason: entry.reason.map { Message(verbatim: $0) }, links: after)
  }

  /// Points `previous` to the release that was live until a person moved `current`.
  ///
  /// - Throws: an error when the links can't be read, or what ``Transaction/perform(_:_:)`` throws.
  static func pointPrevious(
    to id: ReleaseID, in transaction: inout Transaction
  ) throws(ReleasesError) {
    let store = transaction.store
    let links = try store.links.texts()
    let target = LinkPair(current: links.current, previous: Layout.linkText(id))
    let note: Message = "\(Layout.previous) points to \(id), which was live before"
    do throws(ReleasesError) {
      try transaction.perform(Intent(operation: .drift, id: id, before: links, after: target)) {
        (_, _) throws(ReleasesError) in
        try store.links.set(to: target)
        return .ended(.done, note: note, nil)
      }
      transaction.reportRecovery(note)
    } catch let error where error.isOutOfSpace {
      // Recovery must succeed on a full disk. The next command tries again.
      transaction.warn(error)
    }
  }

  /// Points both links directly to their releases, if they point there through another link, which
  /// would move them when it moves.
  ///
  /// - Throws: an error when the links can't be read, or what ``Transaction/perform(_:_:)`` throws.
  static func pointDirectly(in transaction: inout Transaction) throws(ReleasesError) {
    let store = transaction.store
    let links = try store.links.texts()
    let current = try store.links.link(Layout.current)
    let previous = try store.links.link(Layout.previous)
    var after = links
    if !current.isDirect, let id = current.release { after.current = Layout.linkText(id) }
    if !previous.isDirect, let id = previous.release { after.previous = Layout.linkText(id) }
    guard after != links else { return }
    let target = after
    try transaction.perform(Intent(operation: .drift, before: links, after: target)) {
      (_, _) throws(ReleasesError) in
      try store.links.set(to: target)
      return .done()
    }
    transaction.reportRecovery(
      "pointed \(Layout.current) and \(Layout.previous) directly to their releases")
  }
}
