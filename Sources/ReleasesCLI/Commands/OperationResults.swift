internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import Text

// The commands that unpack, prepare or switch print a report for a failure, too.

extension OperationReport {
  /// Prints warnings, and adds them to the report.
  mutating func add(_ warnings: [Notice], _ context: Context) {
    for warning in warnings { context.notices.warn(warning) }
    self.warnings += warnings.map { $0.line(for: context.reader) }
  }

  /// Creates the report of a failure.
  ///
  /// - Parameters:
  ///   - error: why the operation failed.
  ///   - trace: what the operation had done by then.
  ///   - id: the release as it was typed, for an operation that failed before it knew the ID.
  ///   - invocation: the command line.
  ///   - context: the context of the command.
  ///   - store: the store; nil if it could not be opened.
  init(
    _ error: ReleasesError, _ trace: OperationTrace = OperationTrace(), id: String?,
    _ invocation: Invocation, _ context: Context, _ store: Store?
  ) {
    let snapshot = try? store?.snapshot()
    self.init(
      command: invocation.command.name, id: trace.id?.text ?? id.map(Self.shown),
      outcome: error.code == .rolledBack ? .rolledBack : .failed, current: snapshot?.live,
      previous: snapshot?.previous.release, markedBad: trace.markedBad,
      rollbackTarget: Self.mayHaveSwitched(error) ? snapshot?.rollbackTarget : nil,
      dryRun: invocation.flag(.dryRun),
      error: ErrorReport.Failure(error, for: context.reader))
    pruned = trace.pruned.map(\.text)
    steps = trace.steps.map { .init($0) }
    recovered = trace.recovered
  }

  /// Returns what was typed for a release: an ID as it is, anything else as free text.
  private static func shown(_ id: String) -> String {
    ReleaseID(id) == nil ? Message(id).text : id
  }

  /// Whether the operation failed after it had changed what was live.
  fileprivate static func mayHaveSwitched(_ error: ReleasesError) -> Bool {
    error.code == .rolledBack || error.code == .needsPerson
  }
}

extension Command.FailureReport {
  /// Returns the kind of report that commands print which unpack, prepare or switch.
  ///
  /// - Parameter id: finds the release as it was typed.
  /// - Returns: a function that creates an ``OperationReport``.
  static func operation(
    id: @escaping @Sendable (Invocation) -> String?
  ) -> Command.FailureReport {
    Command.FailureReport { error, invocation, context in
      let store = try? Store.open(context.storePath)
      return OperationReport(error, id: id(invocation), invocation, context, store)
    }
  }
}

/// Runs an operation on a release.
///
/// - Parameters:
///   - id: the release as it was typed; nil for none.
///   - invocation: the command line.
///   - context: the context of the command.
///   - store: the store. It is not opened again, because a process may have few descriptors.
///   - body: runs the operation.
/// - Returns: the result of `body`, or the result of its failure.
func resultOfOperation(
  id: String?, _ invocation: Invocation, _ context: Context, _ store: Store,
  _ body: () throws(OperationFailure) -> CommandResult
) -> CommandResult {
  do throws(OperationFailure) {
    return try body()
  } catch {
    let report = OperationReport(error.error, error.trace, id: id, invocation, context, store)
    var result = CommandResult(failed: report, error.error, signal: error.trace.signal)
    result.failureLines = failureLines(error, report, for: context.reader)
    return result
  }
}

/// Returns what a switch that failed has marked, and the rollback target now, one line each.
private func failureLines(
  _ failure: OperationFailure, _ report: OperationReport, for reader: HintReader
) -> [Message] {
  guard OperationReport.mayHaveSwitched(failure.error) else { return [] }
  let marked: [Message] =
    failure.trace.markedBad.map { [markLine($0, for: reader)] }
    ?? failure.trace.kept.map { ["\($0.id) was not marked bad: \($0.reason)"] } ?? []
  return marked + ["rollback target: \(verbatim: report.rollbackTarget ?? "none")"]
}

/// Returns the line that says which release was marked bad, and how to undo that.
func markLine(_ id: ReleaseID, for reader: HintReader) -> Message {
  Notice(
    "marked \(id) as bad", hint: Hint("to remove the mark", command: ["mark", id.text, "good"])
  ).line(for: reader)
}
