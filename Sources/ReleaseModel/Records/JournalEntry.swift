package import FoundationEssentials
package import Text

/// An entry of the journal or the history: an operation that has begun or ended.
package struct JournalEntry: Codable, Equatable, Sendable {
  /// The phase of the operation.
  package enum Phase: String, Codable, Sendable { case intent, done }

  /// The kind of operation.
  package enum Operation: String, Codable, CaseIterable, Sendable {
    case initialize = "init"
    case publish, prepare, activate, rollback, remove
    case pin, unpin, mark, freeze, thaw
    /// The links were moved by hand and accepted as they are.
    case drift
    /// The journal was lost and rebuilt from the links.
    case rebuild

    /// Whether the operation points the links to a release.
    package var isSwitch: Bool { self == .activate || self == .rollback }
  }

  /// How the operation ended.
  package enum Outcome: String, Codable, CaseIterable, Sendable {
    case done
    /// The operation failed and was undone at once.
    case failed
    /// The operation was interrupted, and recovery finished it.
    case finished
    /// The operation was interrupted, and recovery undid it.
    case undone
  }

  package var format = Layout.format
  package var sequence: UInt64
  package var phase: Phase
  package let operation: Operation
  /// The release that the operation is about.
  package var id: ReleaseID?
  /// The release that was live when the operation began.
  package var from: ReleaseID?
  package var before: LinkPair
  package var after: LinkPair
  /// Whether the switch has to be confirmed by a hook or a health check.
  package var confirm: Bool?
  /// The state that `mark` or `prepare` sets. The end of a switch has `ready` when its confirmation
  /// cleared a bad mark, and `bad` when the release failed and stays live (`--no-rollback`).
  package var newState: ReleaseState?
  package var reason: String?
  /// The directory in `staging/` that `publish` or `prepare` uses.
  package var stage: String?
  /// Whether the catalog may have a release in preparation. Unless it is false, recovery has to
  /// search the catalog for a release whose preparation was interrupted.
  package var mayPrepare: Bool?
  /// For a switch between instances, what recovery needs to know of them. Such an entry has format 2.
  package var instances: InstanceSwitch?
  /// The instances that drain; nil for none.
  package var draining: InstanceDrains?
  package var bootID: String
  package var pid: Int32
  package var processStart: UInt64
  package var user: String
  /// The command line, truncated.
  package var commandLine: String
  package var started: Date
  package var finished: Date?
  package var outcome: Outcome?
  /// A sentence about how the operation ended.
  package var note: String?

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, sequence, phase, operation, id, from, before, after, confirm
    case newState = "verdict"
    case reason, stage, mayPrepare, instances, draining, bootID, pid, processStart, user
    case commandLine = "asked"
    case started, finished, outcome, note
  }

  /// The links after this operation.
  package var linksLeft: LinkPair {
    outcome == .failed || outcome == .undone ? before : after
  }

  /// The sequence of the operation's intent, by which the catalog identifies a switch.
  package var intentSequence: UInt64 { phase == .intent ? sequence : sequence - 1 }

  /// Whether this is a switch that waits for its hook and its health check.
  package var awaitsConfirmation: Bool { phase == .intent && confirm == true }

  /// Returns the entry for the end of this operation.
  package func ended(_ outcome: Outcome, sequence: UInt64, at time: Date, note: Message? = nil)
    -> JournalEntry
  {
    var entry = self
    entry.phase = .done
    entry.sequence = sequence
    entry.finished = time
    entry.outcome = outcome
    entry.note = note.map { JournalText.truncated($0, to: JournalText.note) }
    return entry
  }
}

/// The operation that a transaction is about to execute.
package struct Intent: Sendable {
  package let operation: JournalEntry.Operation
  var id: ReleaseID?
  var from: ReleaseID?
  var before: LinkPair
  var after: LinkPair
  var confirm: Bool?
  var newState: ReleaseState?
  var reason: Message?
  var stage: String?
  var instances: InstanceSwitch?

  package init(
    operation: JournalEntry.Operation, id: ReleaseID? = nil, from: ReleaseID? = nil,
    before: LinkPair, after: LinkPair, confirm: Bool? = nil, newState: ReleaseState? = nil,
    reason: Message? = nil, stage: String? = nil, instances: InstanceSwitch? = nil
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
    self.instances = instances
  }

  /// Returns the journal entry for the intent. Texts that are too long for the journal are
  /// truncated.
  package func entry(sequence: UInt64, _ actor: Actor) -> JournalEntry {
    JournalEntry(
      format: instances == nil ? Layout.format : Layout.instanceFormat, sequence: sequence,
      phase: .intent, operation: operation, id: id, from: from, before: before, after: after,
      confirm: confirm, newState: newState,
      reason: reason.map { JournalText.truncated($0, to: JournalText.reason) }, stage: stage,
      instances: instances, bootID: actor.bootID, pid: actor.pid, processStart: actor.processStart,
      user: JournalText.truncated(Message(actor.user), to: JournalText.user),
      commandLine: JournalText.truncated(
        Message(actor.commandLine, keeping: [id, from].compactMap { $0?.text }),
        to: JournalText.commandLine),
      started: actor.now())
  }
}

extension JournalEntry {
  /// The switch between instances that has begun and has not ended; nil for none.
  package var openInstanceSwitch: InstanceSwitch? {
    phase == .intent && operation.isSwitch ? instances : nil
  }
}
