/// One part of a command's work, and how it went.
package struct Step: Sendable {
  package enum Outcome: String, Sendable { case done, failed, stopped }

  /// What scripts know it by, such as `unpack`, `prepare`, `switch`, `activate` or `health`.
  package let name: String
  package let seconds: Double
  package var outcome = Outcome.done
  /// What went wrong; of a health check also what was answered last.
  package var detail: String?
  /// The last lines a hook printed.
  package var lines: [String] = []
  /// Where all that it printed is kept.
  package var log: String?

  package init(_ name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }
}

/// What an operation that failed has come to nevertheless: part of its error, for the report.
package struct OperationTrace: Sendable {
  /// The release it was about, where that has an id by now.
  package var id: ReleaseID?
  package var steps: [Step] = []
  /// What was removed to make room.
  package var pruned: [ReleaseID] = []
  /// What settling an interrupted command did first.
  package var recovered: [String] = []
  /// The signal that asked for it to end. All is put back by now, and the process has yet to end.
  package var signal: Int32?

  package init() {}
}
