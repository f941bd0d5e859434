internal import FoundationEssentials
internal import Linux

extension Store {
  /// Asks the switch that waits for its confirmation to go back.
  ///
  /// Throws `nothingToAbort` when none waits.
  ///
  /// - Returns: the journal's entry of that switch.
  package func requestAbort(
    reason: String?, _ environment: Environment
  ) throws(ReleasesError) -> JournalEntry {
    let entry = try switchThatWaits(environment)
    let request = AbortRequest(
      sequence: entry.sequence, user: environment.user, reason: reason, asked: environment.now())
    let line = try SealedLine.seal(request) + [UInt8(ascii: "\n")]
    try attempting("can't ask for the switch to be stopped") { () throws(SystemError) in
      try control.replaceFile(Layout.abort, with: line, suffix: environment.uniqueSuffix())
    }
    return entry
  }

  /// The switch under way that nothing has confirmed yet; throws `nothingToAbort` when there is
  /// none.
  package func switchThatWaits(_ environment: Environment) throws(ReleasesError) -> JournalEntry {
    try refuseUnlessJournalIsOurs()
    guard let entry = try lastJournalEntry(), entry.awaitsConfirmation else {
      throw ReleasesError(
        .nothingToAbort, "no switch is waiting for its confirmation",
        hint: "see what is live: releases status")
    }
    guard entry.writerIsAlive(bootID: environment.bootID) else {
      throw ReleasesError(
        .nothingToAbort,
        "the \(entry.operation.rawValue) by \(entry.user) was cut off, and waits for nothing any more",
        hint: "settle it: releases recover")
    }
    return entry
  }

  /// Waits for the end of a switch that was asked to stop.
  ///
  /// - Returns: the journal's entry of its end; nil when it takes longer than `seconds`.
  package func waitForEnd(
    of entry: JournalEntry, upTo seconds: Double
  ) throws(ReleasesError) -> JournalEntry? {
    let deadline = Clock.monotonicSeconds() + seconds
    repeat {
      if let last = try lastJournalEntry(), last.sequence > entry.sequence {
        if last.phase == .done, last.started == entry.started { return last }
        // Somebody has begun something else since; how this one ended, the history knows.
        return try history().entries.last {
          $0.sequence > entry.sequence && $0.started == entry.started
        }
      }
      Clock.sleep(seconds: 0.05)
    } while Clock.monotonicSeconds() < deadline
    return nil
  }

  /// The request to stop this switch, where there is one.
  func abortRequest(for entry: JournalEntry) -> AbortRequest? {
    guard
      let bytes = try? control.open(Layout.abort, [.noFollow, .nonBlocking]).readAll(limit: 4096),
      let request = SealedLine.open(AbortRequest.self, bytes.prefix { $0 != UInt8(ascii: "\n") }),
      request.sequence == entry.sequence
    else { return nil }
    return request
  }

  /// Removes a request that has been served, or came too late. One that stays harms nobody: it
  /// names the switch it was for.
  func dropAbortRequest() { try? control.unlinkIfPresent(Layout.abort) }
}
