/// What became of a deployment whose process died before it could record the outcome.
package enum InterruptedAttempt: Equatable, Sendable {
  /// It died in the middle of a change, which recovery has to finish or undo.
  case unrecovered
  /// It had switched: the release went live.
  case live(ReleaseID?)
  /// It had switched, and the old release was made live again, for this reason if one was recorded.
  case restored(ReleaseID?, note: String?)
  /// It had not switched. The release is there if it had been published.
  case notSwitched(ReleaseID?)

  /// Finds out what became of an attempt.
  ///
  /// - Parameters:
  ///   - attempt: the attempt, whose process has ended.
  ///   - history: the history, oldest first.
  ///   - last: the last entry of the journal; nil when it can't be read.
  package init(_ attempt: Attempt, history: [JournalEntry], last: JournalEntry?) {
    if let last, last.phase == .intent, attempt.began(last) {
      self = .unrecovered
      return
    }
    // The journal may be ahead of the history by one line.
    let entries = (history + (last.map { [$0] } ?? [])).filter(attempt.began)
    if let change = entries.last(where: \.operation.isSwitch) {
      let isLive = change.outcome == .done || change.outcome == .finished
      self = isLive ? .live(change.id) : .restored(change.id, note: change.note)
    } else {
      self = .notSwitched(entries.last { $0.operation == .publish && $0.linksLeft == $0.after }?.id)
    }
  }

  /// The release that the attempt deployed; nil when it had not been published.
  package var id: ReleaseID? {
    switch self {
    case .unrecovered: nil
    case .live(let id), .restored(let id, _), .notSwitched(let id): id
    }
  }

  /// The error that the deployment would report; nil when its release went live.
  package var error: ReleasesError? {
    switch self {
    case .live: nil
    case .unrecovered:
      ReleasesError(
        .interrupted, "the deployment was killed in the middle of a change",
        hint: Hint("finish or undo the change", command: ["recover"]))
    case .restored(let id, let note):
      ReleasesError(
        .needsPerson,
        "the deployment was killed, and \(id.map { "release \($0)" } ?? "its release") is not live",
        hint: Hint("see what is live", command: ["status"]), cause: note)
    case .notSwitched(let id?):
      ReleasesError(
        .failed,
        "the deployment was killed after it had published \(id); the live release did not change",
        hint: Hint("see whether the release is ready", command: ["show", id.text]))
    case .notSwitched(nil):
      ReleasesError(
        .failed, "the deployment was killed before its release was published; nothing changed",
        hint: "deploy again")
    }
  }
}
