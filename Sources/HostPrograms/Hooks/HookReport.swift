internal import Linux
package import ReleaseModel
package import Text

/// The result of running a hook.
package struct HookReport: Sendable {
  /// How a hook ended.
  package enum Ending: Equatable, Sendable {
    /// It exited with this status.
    case exited(Int32)
    /// It was killed by this signal, which this process did not send.
    case signaled(Int32)
    /// It exceeded its time limit and was killed.
    case timedOut(after: TimeSpan)
    /// It was stopped on request.
    case stopped(StopReason)
    /// It could not be started, for this reason.
    case notStarted(Message)
  }

  package let name: HookCall.Name
  /// How long the hook took.
  package let seconds: Double
  package let ending: Ending
  /// The last 20 lines that the hook printed, without empty lines and control characters, each of
  /// at most 500 bytes.
  package let lastLines: [String]
  /// The full path of the log; nil when it could not be kept, which has been reported as a warning.
  package let log: String?
  /// The ID of a process that is still running because this process may not end it, such as one
  /// that sudo(8) started; nil when there is none.
  package let leftRunning: Int32?

  package init(
    name: HookCall.Name, seconds: Double, ending: Ending, lastLines: [String], log: String? = nil,
    leftRunning: Int32? = nil
  ) {
    self.name = name
    self.seconds = seconds
    self.ending = ending
    self.lastLines = lastLines
    self.log = log
    self.leftRunning = leftRunning
  }

  /// Whether the hook exited with status 0.
  package var isSuccess: Bool { ending == .exited(0) }

  /// The most relevant line; nil when nothing was printed.
  package var mostRelevantLine: String? { lastLines.mostRelevantLine }

  /// What went wrong, in one line; nil for a success.
  package var problem: Message? {
    if isSuccess { return nil }
    let left: Message =
      leftRunning.map { ", and process \($0) of another user can't be ended" } ?? ""
    let last: Message = mostRelevantLine.map { ": \($0)" } ?? ""
    return "the \(name.rawValue) hook \(outcome)\(left)\(last)"
  }

  /// How the hook ended, as the predicate of a sentence.
  var outcome: Message {
    let after = "after \(elapsed(seconds))"
    return switch ending {
    case .exited(let status): "exited with status \(status) \(after)"
    case .signaled(let number): "was killed by signal \(number) \(after)"
    case .timedOut(let limit): "did not end within \(limit)"
    case .stopped(let reason): "was stopped \(after) \(reason)"
    case .notStarted(let why): "could not be started: \(why)"
    }
  }
}
