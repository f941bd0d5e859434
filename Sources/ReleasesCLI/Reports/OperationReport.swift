internal import Linux
internal import Operations
internal import ReleaseModel

/// How `unpack`, `prepare`, `deploy`, `activate` or `rollback` ended.
struct OperationReport: Encodable, Sendable {
  enum Ending: String, Encodable, Sendable {
    case published, prepared, activated, rolledBack, unchanged, failed
  }

  /// One part of the work.
  struct Step: Encodable, Sendable {
    let name: String
    let seconds: Double
    let outcome: String
    /// What went wrong; of a health check also what was answered last.
    let detail: String?
    /// The last lines a hook printed.
    let lines: [String]?
    /// Where all that it printed is kept.
    let log: String?

    init(_ step: Operations.Step) {
      name = step.name
      seconds = (step.seconds * 1000).rounded() / 1000
      outcome = step.ending.rawValue
      detail = step.detail
      lines = step.lines.isEmpty ? nil : step.lines
      log = step.log
    }
  }

  var schema = 1
  let command: String
  @OrNull var id: String?
  let outcome: Ending
  @OrNull var current: String?
  @OrNull var previous: String?
  /// What was removed, to make room or because retention gave it up.
  var pruned: [String] = []
  var steps: [Step] = []
  /// Nothing was carried out; this is what would be.
  var dryRun: Bool
  /// What settling an interrupted command did first.
  var recovered: [String] = []
  var warnings: [String] = []
  /// The walls an archive was unpacked behind; only of `unpack`.
  var containment: [String]?
  @OrNull var error: ErrorReport.Failure?

  init(
    command: String, id: String?, outcome: Ending, current: ReleaseID?, previous: ReleaseID?,
    dryRun: Bool = false, error: ErrorReport.Failure? = nil
  ) {
    self.command = command
    self.outcome = outcome
    self.dryRun = dryRun
    _id = OrNull(wrappedValue: id)
    _current = OrNull(wrappedValue: current?.text)
    _previous = OrNull(wrappedValue: previous?.text)
    _error = OrNull(wrappedValue: error)
  }
}
