internal import Configuration
internal import Linux
package import ReleaseModel
package import StoreSupport
package import Text

// The target HostPrograms runs the programs of the host that a store depends on: hooks, health
// checks, systemctl and ssh-keygen. It also writes the file for node_exporter. It gets descriptors
// and values, never a store, and it decides nothing about releases. Begin with ``HookRunner``, then
// read ``HealthCheck`` and ``SignatureVerifier``.

/// Runs hooks in the directory of a release, and keeps what they print.
package struct HookRunner: Sendable {
  /// How long a hook may take to end after its time limit or a stop before it is killed, in seconds.
  private static let grace = SupervisedProcess.Grace(atTimeUp: 10, whenStopped: 5)

  private let actor: Actor
  private let caller: CallerEnvironment
  private let warn: @Sendable (Message) -> Void

  /// - Parameters:
  ///   - actor: who runs the hooks, for their logs.
  ///   - caller: what the hooks get from the caller.
  ///   - warn: receives the reason why a log can't be kept.
  package init(
    actor: Actor, caller: CallerEnvironment, warn: @escaping @Sendable (Message) -> Void
  ) {
    self.actor = actor
    self.caller = caller
    self.warn = warn
  }

  /// Runs a hook until it ends, its time limit expires, or it is stopped. The caller must block
  /// SIGINT, SIGTERM and SIGQUIT, and report them through `stop`.
  ///
  /// - Parameters:
  ///   - call: the hook and its context.
  ///   - directories: the directories of the store.
  ///   - logs: the directory of the hook logs, or why there is none.
  ///   - stop: called about ten times a second.
  ///   - output: receives what the hook prints, piece by piece. The time limit is suspended while
  ///     it runs.
  /// - Returns: how the hook ended.
  package func run(
    _ call: HookCall, in directories: StoreDirectories,
    logs: consuming HookLogs, stop: StopCheck, output: @Sendable ([UInt8]) -> Void
  ) -> HookReport {
    let start = Clock.monotonicSeconds()
    let log = HookLog(call, in: logs, actor, releases: directories.releases, warn: warn)
    var lines = LastLines()
    let (ending, leftRunning) = run(call, in: directories, stop: stop) { bytes in
      output(bytes)
      log.write(bytes)
      lines.append(bytes)
    }
    let report = HookReport(
      name: call.name, seconds: Clock.monotonicSeconds() - start, ending: ending,
      lastLines: lines.texts, log: log.path, leftRunning: leftRunning)
    log.finish(report)
    return report
  }

  private func run(
    _ call: HookCall, in directories: StoreDirectories, stop: StopCheck,
    output: ([UInt8]) -> Void
  ) -> (HookReport.Ending, leftRunning: Int32?) {
    if let reason = stop() { return (.stopped(reason), nil) }
    let process: SupervisedProcess
    do throws(ReleasesError) {
      process = try ReleaseProgram(
        call.hook.run, of: call.id, at: call.workingRelease, place: call.place,
        in: directories,
        previous: call.previous,
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
