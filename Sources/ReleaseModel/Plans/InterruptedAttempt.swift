package import Text

/// What became of an attempt whose process ended before it could record a report.
package enum InterruptedAttempt: Equatable, Sendable {
  /// It ended in the middle of a change, which recovery has to finish or undo.
  case unrecovered
  /// It had switched: the release went live.
  case live(ReleaseID?)
  /// It had switched, and the old release was made live again, for this reason if one was recorded.
  case restored(ReleaseID?, note: Message?)
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
      self =
        isLive
        ? .live(change.id) : .restored(change.id, note: change.note.map { Message(verbatim: $0) })
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

  /// Whether the attempt has neither published nor switched, so that it can be made again.
  package var isRepeatable: Bool { self == .notSwitched(nil) }

  /// Returns the error that the attempt would report; nil when its release went live.
  ///
  /// - Parameter attempt: the attempt.
  /// - Returns: the error, which says how the attempt ended as far as that is known.
  package func error(of attempt: Attempt) -> ReleasesError? {
    let how: Message =
      attempt.signal.map { "the \(attempt.noun) was stopped by signal \($0)" }
      ?? "the \(attempt.noun) ended without a record of its outcome"
    let cause: Message? =
      attempt.exitStatus == nil ? "its process was killed, or the record could not be written" : nil
    switch self {
    case .live: return nil
    case .unrecovered:
      return ReleasesError(
        .interrupted, "\(how), in the middle of a change",
        hint: Hint("finish or undo the change", command: ["recover"]), cause: cause)
    case .restored(let id, let note):
      return ReleasesError(
        .needsPerson,
        "\(how); \(id.map { "release \($0)" as Message } ?? "its release") is not live",
        hint: Hint("see what is live", command: ["status"]), cause: note ?? cause)
    case .notSwitched(let id?):
      return ReleasesError(
        .failed, "\(how); it had published \(id), and the live release did not change",
        hint: Hint("see whether the release is ready", command: ["show", id.text]), cause: cause)
    case .notSwitched(nil):
      return ReleasesError(
        .failed, "\(how); it had published and switched nothing",
        hint: "run the same command again", cause: cause)
    }
  }
}
