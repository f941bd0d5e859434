internal import Configuration
internal import Linux
package import ReleaseModel

/// Runs hooks in the tree of a release, and keeps what they print.
package struct HookRunner: Sendable {
  /// After the time limit, or a stop, a hook gets this long to end before it is killed.
  private static let grace = SupervisedProcess.Grace(atTimeUp: 10, whenStopped: 5)

  private let actor: Actor
  private let caller: CallerEnvironment
  private let warn: @Sendable (String) -> Void

  /// - Parameter warn: gets the reason why a log can't be kept.
  package init(
    actor: Actor, caller: CallerEnvironment, warn: @escaping @Sendable (String) -> Void
  ) {
    self.actor = actor
    self.caller = caller
    self.warn = warn
  }

  /// Runs a hook until it ends, its time is up, or it is stopped. INT, TERM and QUIT must be held
  /// by the caller, and reported by `stop`.
  ///
  /// - Parameters:
  ///   - logs: the directory of the hook logs, or why there is none.
  ///   - stop: called about ten times a second.
  ///   - output: gets what the hook prints, as it comes. The time limit is suspended meanwhile.
  package func run(
    _ call: HookCall, in directories: borrowing ReleaseDirectories,
    logs: borrowing HookLogs, stop: StopCheck, output: @Sendable ([UInt8]) -> Void
  ) -> HookReport {
    let start = Clock.monotonicSeconds()
    let log = HookLog(call, in: logs, actor, releases: directories.releases, warn: warn)
    var lines = LastLines()
    let (ending, left) = end(of: call, in: directories, stop: stop) { bytes in
      output(bytes)
      log.write(bytes)
      lines.take(bytes)
    }
    let report = HookReport(
      name: call.name, seconds: Clock.monotonicSeconds() - start, ending: ending,
      lastLines: lines.texts, log: log.path, leftRunning: left)
    log.end(report)
    return report
  }

  private func end(
    of call: HookCall, in directories: borrowing ReleaseDirectories, stop: StopCheck,
    output: ([UInt8]) -> Void
  ) -> (HookReport.Ending, leftRunning: Int32?) {
    if let reason = stop() { return (.stopped(reason), nil) }
    let process: SupervisedProcess
    do throws(ReleasesError) {
      process = try ReleaseProgram(
        call.hook.run, of: call.id, at: call.place, in: directories, previous: call.previous,
        event: call.event, ref: call.ref, caller: caller.variables
      ).start()
    } catch {
      return (.notStarted(error.line), nil)
    }
    var reason: StopReason?
    let outcome = process.run(
      within: Double(call.hook.timeout.seconds), grace: Self.grace,
      stop: {
        reason = stop()
        return reason != nil
      }, output: output)
    let ending: HookReport.Ending =
      switch (outcome.reason, outcome.ending, reason) {
      case (.stopped, _, let reason?): .stopped(reason)
      case (.ended, .exited(let status)?, _): .exited(status)
      case (.ended, .signaled(let number)?, _): .signaled(number)
      default: .timedOut(after: call.hook.timeout)
      }
    return (ending, outcome.leftRunning)
  }
}
