internal import Text

// What is known about the last restart of the service: a restart that runs, and one that failed or was
// interrupted, until a later one is confirmed.

extension StoreFacts {
  /// The restart that runs now; nil when there is none.
  package var runningRestart: ConfirmationProgress? {
    guard let progress = lastRestart, progress.problem == nil, isProgressWriterAlive else {
      return nil
    }
    return progress
  }

  /// Whether a switch or a restart runs, so that links and service may disagree for a while.
  /// A switch between instances leaves that of the live release alone until the links move.
  package var isServiceChanging: Bool {
    if runningRestart != nil { return true }
    guard let entry = unconfirmedSwitch else { return false }
    return entry.instances?.overlap != true || snapshot.live == entry.id
  }

  /// What is recorded about the last restart of the live release, which no later one has confirmed.
  private var lastRestart: ConfirmationProgress? {
    guard let progress, progress.isRecord, unconfirmedSwitch == nil,
      progress.release == snapshot.live?.text
    else { return nil }
    return progress
  }

  var serviceFindings: [StoreFinding] {
    guard let progress = lastRestart, let live = snapshot.live else { return [] }
    if let running = runningRestart {
      return [
        StoreFinding(
          .restarting, .note, live, "restarting \(live): \(running.text(now: now))",
          hint: Hint("follow it", command: ["status", "--watch"]))
      ]
    }
    let what: Message =
      progress.operation == .restart
      ? progress.problem.map { "the restart of \(live) failed: \(verbatim: $0)" }
        ?? "the restart of \(live) was interrupted"
      : "\(live) was made live again, but \(verbatim: progress.problem ?? "its hook did not end")"
    return [
      StoreFinding(
        .serviceUnconfirmed, .problem, live, "\(what); it is unknown what the service runs",
        hint: directoryError == nil && switchErrors.isEmpty
          ? Hint("correct the cause, then restart the service", command: ["restart"])
          : Hint("first correct what prevents a restart; see", command: ["check"]))
    ]
  }
}
