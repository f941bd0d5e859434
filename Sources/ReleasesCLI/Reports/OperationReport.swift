internal import Operations
internal import ReleaseModel
internal import Text

/// The report of `unpack`, `prepare`, `deploy`, `activate`, `rollback` and `restart`.
struct OperationReport: Encodable, Sendable {
  enum Ending: String, Encodable, Sendable {
    case published, prepared, activated, rolledBack, restarted, unchanged, failed
  }

  /// One step of the operation.
  struct Step: Encodable, Sendable {
    let name: String
    let seconds: Double
    let outcome: String
    /// What went wrong; for a health check also the last response.
    let detail: Message?
    /// The last lines that a hook printed.
    let lines: [Message]?
    /// The path of the log with the whole output of a hook.
    let log: String?
    /// Which release served a health check: `same`, `another` or `unknown`.
    let serving: String?
    /// Why it is unknown which release served.
    let note: Message?

    init(_ step: Operations.Step) {
      name = step.name
      seconds = (step.seconds * 1000).rounded() / 1000
      outcome = step.ending.rawValue
      detail = step.detail
      lines = step.lines.isEmpty ? nil : step.lines
      log = step.log
      serving = step.serving?.word
      note = step.serving?.note
    }
  }

  var schema = 1
  let command: String
  @OrNull var id: String?
  let outcome: Ending
  @OrNull var current: String?
  @OrNull var previous: String?
  /// The release that was marked bad: the one that a rollback left, or the one that failed.
  @OrNull var markedBad: String?
  /// The release that `rollback` would choose after a switch or its failure; nil when there is none
  /// and for commands that do not switch.
  @OrNull var rollbackTarget: String?
  /// The releases that were removed, to make space or by the retention policy.
  var pruned: [String] = []
  /// What could not be removed of these releases.
  var remains: [RemainsReport] = []
  var steps: [Step] = []
  /// Whether nothing was changed, and the report says what would be.
  var dryRun: Bool
  /// What the recovery of an interrupted command did first, one line each.
  var recovered: [Message] = []
  var warnings: [Message] = []
  /// The sandbox layers of the unpack; only for `unpack` and `deploy`.
  var containment: [String]?
  /// Whether a restart has replaced the processes of the service: `replaced`, `same` or `unknown`;
  /// only for `restart`.
  var processes: String?
  @OrNull var error: ErrorReport.Failure?

  init(
    command: String, id: String?, outcome: Ending, current: ReleaseID?, previous: ReleaseID?,
    markedBad: ReleaseID? = nil, rollbackTarget: ReleaseID? = nil, dryRun: Bool = false,
    error: ErrorReport.Failure? = nil
  ) {
    self.command = command
    self.outcome = outcome
    self.dryRun = dryRun
    _id = OrNull(wrappedValue: id)
    _current = OrNull(wrappedValue: current?.text)
    _previous = OrNull(wrappedValue: previous?.text)
    _markedBad = OrNull(wrappedValue: markedBad?.text)
    _rollbackTarget = OrNull(wrappedValue: rollbackTarget?.text)
    _error = OrNull(wrappedValue: error)
  }
}
