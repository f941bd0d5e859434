internal import Linux
package import ReleaseModel

/// What became of a hook.
package struct HookReport: Sendable {
  /// How it ended.
  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    /// By itself, or by others than us.
    case signaled(Int32)
    /// Its time was up.
    case timedOut(after: TimeSpan)
    case stopped(StopReason)
    /// Why it could not be started, for people.
    case notStarted(String)
  }

  package let name: HookCall.Name
  /// How long it took.
  package let seconds: Double
  package let ending: Ending
  /// The last 20 lines of what it printed that are not empty, without control characters, none
  /// longer than 500 bytes.
  package let lastLines: [String]
  /// The full path of the log that was kept; nil when there could be none, which was warned of.
  package let log: String?
  /// The number of a process that had to be left running because it may not be ended, such as one
  /// that sudo(8) started; nil when nothing was.
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

  /// It ended with status 0.
  package var isSuccess: Bool { ending == .exited(0) }

  /// The line that says most: the last one that begins with "error", since advice may follow it,
  /// otherwise the last one; nil when nothing was printed.
  package var mostTellingLine: String? {
    lastLines.last { $0.lowercased().hasPrefix("error") } ?? lastLines.last
  }

  /// One line on what went wrong; nil for a success.
  package var problem: String? {
    if isSuccess { return nil }
    let left = leftRunning.map { ", and process \($0) of another user may not be ended" } ?? ""
    let last = mostTellingLine.map { ": \($0)" } ?? ""
    return "the \(name.rawValue) hook \(outcome)\(left)\(last)"
  }

  /// Continues its name.
  var outcome: String {
    let after = "after \(elapsed(seconds))"
    return switch ending {
    case .exited(let status): "ended with status \(status) \(after)"
    case .signaled(let number): "was ended by signal \(number) \(after)"
    case .timedOut(let limit): "did not end within \(limit)"
    case .stopped(let reason): "was stopped \(after) \(reason)"
    case .notStarted(let why): "could not be started: \(why)"
    }
  }
}
