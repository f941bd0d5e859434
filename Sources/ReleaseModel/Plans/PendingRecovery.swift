private import FoundationEssentials
package import Text

/// What recovery will do about an interrupted transaction, before the next command changes anything.
package struct PendingRecovery: Equatable, Sendable {
  package let entry: JournalEntry
  package let steps: [RecoveryStep]

  package init(_ entry: JournalEntry, _ steps: [RecoveryStep]) {
    (self.entry, self.steps) = (entry, steps)
  }

  /// How it will end the transaction, such as "undo it, restoring 2"; nil when it
  /// only repeats what a power failure may have undone.
  package var summary: Message? {
    for case .complete(let outcome, let note) in steps {
      if outcome == .undone, let from = entry.from, entry.confirm == true {
        return "undo it, restoring \(from)"
      }
      return "\(outcome == .finished ? "finish" : "undo") it: \(note)"
    }
    return nil
  }

  /// What it will do, one line for each step.
  package var sentences: [Message] { steps.map(\.sentence) }

  /// Whether it will change what is live.
  package func changesLive(in snapshot: Snapshot) -> Bool {
    applied(to: snapshot).current.text != snapshot.current.text
  }

  /// Returns the facts of the store as recovery will leave them.
  package func applied(to snapshot: Snapshot) -> Snapshot {
    var snapshot = snapshot
    for step in steps { apply(step, &snapshot) }
    if let previous = snapshot.previous.release, snapshot.catalog[previous]?.state == .bad {
      let target = snapshot.lastLive(except: [snapshot.live])
      snapshot.previous = snapshot.link(target.map { Layout.linkText($0) })
    }
    return snapshot
  }

  private func apply(_ step: RecoveryStep, _ snapshot: inout Snapshot) {
    switch step {
    case .pointLinks(let pair):
      (snapshot.current, snapshot.previous) = (
        snapshot.link(pair.current), snapshot.link(pair.previous)
      )
    case .pointPrevious(let id): snapshot.previous = snapshot.link(Layout.linkText(id))
    case .markBad(let id, let reason):
      snapshot.change(id) { ($0.state, $0.reason) = (.bad, reason.text) }
    case .failPreparation(let id, let reason):
      snapshot.change(id) { ($0.state, $0.reason) = (.failed, reason.text) }
    case .applyToCatalog: applyEntry(&snapshot)
    case .dropPublication(let id): snapshot.catalog.remove(id)
    case .finishRemoval(let id):
      snapshot.catalog.remove(id)
      snapshot.directories.remove(id)
    case .runActivateHook, .runActivateHookForPlace, .serveInstance, .stopInstance,
      .drainInstance, .stopRehearsal, .restartUnits, .finishPublication, .complete, .acceptDrift,
      .appendHistory, .cutTornHistory, .sweepControlFiles, .removeTemporaryLink, .discardStage,
      .removeTemporaryTree:
      break
    }
  }

  private func applyEntry(_ snapshot: inout Snapshot) {
    switch entry.operation {
    case .thaw: snapshot.freeze = nil
    case .freeze:
      snapshot.freeze = Freeze(
        reason: entry.reason ?? "", since: entry.started, user: entry.user)
    default:
      if let id = entry.id { snapshot.change(id) { entry.apply(to: &$0) } }
      if let left = entry.releaseLeft { snapshot.change(left) { entry.applyLeaving(to: &$0) } }
    }
  }
}

extension Snapshot {
  fileprivate mutating func change(_ id: ReleaseID, _ body: (inout CatalogEntry) -> Void) {
    guard var entry = catalog[id] else { return }
    body(&entry)
    catalog.insert(entry)
  }

  /// Returns the link that has a text.
  fileprivate func link(_ text: String?) -> ReleaseLink {
    guard let text else { return ReleaseLink(state: .missing, text: nil, isDirect: false) }
    for known in [current, previous] where LinkPair.isSameText(known.text, text) { return known }
    let words = text.split(separator: "/")
    guard let id = words.last.flatMap({ ReleaseID($0) }),
      words.dropLast().last == "\(Layout.releases)"
    else { return ReleaseLink(state: .elsewhere, text: text, isDirect: false) }
    return ReleaseLink(
      state: directories.contains(id) ? .release(id) : .dangling(id), text: text, isDirect: true)
  }
}
