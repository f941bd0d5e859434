internal import Linux

extension Store {
  private static let grace = SupervisedProcess.Grace(atTimeUp: 10, whenStopped: 5)

  /// Runs a hook to its end, or to the end of its time.
  ///
  /// INT, TERM and QUIT are the caller's: held back, and asked for by `stop`.
  ///
  /// - Parameters:
  ///   - stop: asked some ten times a second.
  ///   - output: given what the hook prints, as it comes. The time limit waits while it runs.
  package func run(
    _ call: HookCall, _ environment: Environment, stop: StopQuestion,
    output: @Sendable ([UInt8]) -> Void
  ) -> HookReport {
    let start = Clock.monotonicSeconds()
    let log = HookLog(call, of: self, environment)
    var lines = LastLines()
    let (ending, left) = end(of: call, environment, stop: stop) { bytes in
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
    of call: HookCall, _ environment: Environment, stop: StopQuestion,
    output: ([UInt8]) -> Void
  ) -> (HookReport.Ending, leftRunning: Int32?) {
    if let reason = stop() { return (.stopped(reason), nil) }
    let process: SupervisedProcess
    do throws(ReleasesError) {
      process = try ReleaseProgram(
        call.hook.run, of: call.id, at: call.place, in: self, previous: call.previous,
        event: call.event,
        ref: call.ref, caller: environment.variables
      ).start()
    } catch {
      return (.notStarted(error.message + (error.cause.map { ": \($0)" } ?? "")), nil)
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
