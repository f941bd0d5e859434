package import FoundationEssentials

/// One line of the journal, and of the history: what was begun, or what was done.
package struct JournalEntry: Codable, Equatable, Sendable {
  /// How far it has come.
  package enum Phase: String, Codable, Sendable { case intent, done }

  /// What kind of change it is.
  package enum Operation: String, Codable, Sendable {
    case initialize = "init"
    case publish, prepare, activate, rollback, remove
    case pin, unpin, mark, freeze, thaw
    /// Links that somebody moved by hand, taken as the truth.
    case drift
    /// The journal was lost and made again from the links.
    case rebuild

    /// It moves the links to a release.
    package var isSwitch: Bool { self == .activate || self == .rollback }
  }

  /// How it ended.
  package enum Outcome: String, Codable, Sendable {
    case done
    /// It failed, and all was put back at once.
    case failed
    /// It had been interrupted, and recovery carried it out.
    case finished
    /// It had been interrupted, and recovery took it back.
    case undone
  }

  package var format = Layout.format
  package var sequence: UInt64
  package var phase: Phase
  package let operation: Operation
  /// The release it is about.
  package var id: ReleaseID?
  /// The release that was live when it began.
  package var from: ReleaseID?
  package var before: LinkPair
  package var after: LinkPair
  /// Only good once a hook or a health check says so.
  package var confirm: Bool?
  /// For `mark` and `prepare`: the state it sets.
  package var newState: ReleaseState?
  package var reason: String?
  /// For `publish` and `prepare`: the directory in `staging/`.
  package var stage: String?
  /// False where the catalog says of no release that it is being prepared: only else recovery has
  /// to look through it for one whose preparation was cut off.
  package var mayPrepare: Bool?
  package var bootID: String
  package var pid: Int32
  package var processStart: UInt64
  package var user: String
  /// The command line, shortened.
  package var commandLine: String
  package var started: Date
  package var finished: Date?
  package var outcome: Outcome?
  /// What a person should know of how it ended.
  package var note: String?

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, sequence, phase, operation, id, from, before, after, confirm
    case newState = "verdict"
    case reason, stage, mayPrepare, bootID, pid, processStart, user
    case commandLine = "asked"
    case started, finished, outcome, note
  }

  /// The links as this entry leaves them.
  package var linksLeft: LinkPair {
    outcome == .failed || outcome == .undone ? before : after
  }

  /// The sequence of the intent: what the catalog knows a switch by.
  package var intentSequence: UInt64 { phase == .intent ? sequence : sequence - 1 }

  /// A switch under way that waits for its hook and its health check.
  package var awaitsConfirmation: Bool { phase == .intent && confirm == true }

  /// The same, ended.
  package func ended(_ outcome: Outcome, sequence: UInt64, at time: Date, note: String? = nil)
    -> JournalEntry
  {
    var entry = self
    entry.phase = .done
    entry.sequence = sequence
    entry.finished = time
    entry.outcome = outcome
    entry.note = note.map { JournalText.cut($0, to: JournalText.note) }
    return entry
  }
}

/// What a transaction is about to do.
package struct Intent: Sendable {
  package let operation: JournalEntry.Operation
  var id: ReleaseID?
  var from: ReleaseID?
  var before: LinkPair
  var after: LinkPair
  var confirm: Bool?
  var newState: ReleaseState?
  var reason: String?
  var stage: String?

  package init(
    operation: JournalEntry.Operation, id: ReleaseID? = nil, from: ReleaseID? = nil,
    before: LinkPair, after: LinkPair, confirm: Bool? = nil, newState: ReleaseState? = nil,
    reason: String? = nil, stage: String? = nil
  ) {
    self.operation = operation
    self.id = id
    self.from = from
    self.before = before
    self.after = after
    self.confirm = confirm
    self.newState = newState
    self.reason = reason
    self.stage = stage
  }

  package func entry(sequence: UInt64, _ actor: Actor) -> JournalEntry {
    JournalEntry(
      sequence: sequence, phase: .intent, operation: operation, id: id, from: from,
      before: before, after: after, confirm: confirm, newState: newState,
      reason: reason.map { JournalText.cut($0, to: JournalText.reason) }, stage: stage,
      bootID: actor.bootID, pid: actor.pid, processStart: actor.processStart,
      user: JournalText.cut(actor.user, to: JournalText.user),
      commandLine: JournalText.cut(actor.commandLine, to: JournalText.commandLine),
      started: actor.now())
  }
}
