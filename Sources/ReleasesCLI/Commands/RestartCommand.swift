internal import CommandLineKit
internal import Configuration
internal import HostPrograms
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

extension Command {
  static let restart = Command(
    name: "restart",
    summary: "Restart the service with the live release",
    group: .switching,
    roles: [.operator],
    details: [
      """
      Runs the activate hook of releases.yaml for the live release, with RELEASES_EVENT set to \
      restart, and waits until the health check succeeds, as 'releases activate' does. Use it \
      after you change the configuration, or when 'releases status' says that the service runs \
      another release. A freeze does not prevent it.
      """,
      """
      The links, the states of the releases and the history do not change. If the hook or the \
      health check fails, the live release stays live and the exit status is 11. 'releases status' \
      shows a restart while it runs. After a restart fails or is interrupted, 'releases status' \
      exits with 7 until a restart or a switch is confirmed.
      """,
      """
      With instances (service.socket), it restarts the instance of the live release. That interrupts \
      the service: one release has one instance. An instance that was started with an earlier \
      configuration is stopped, and the one that is configured now is started; if that fails, the \
      earlier one is started again.
      """,
      """
      Without instances, the command prints "restarted" only if it saw that the main process of the \
      service, or the process that answers the health check, has changed.
      """,
    ],
    options: Option.changing,
    examples: [
      ("releases restart", "Restart the service and wait until it is healthy"),
      ("releases restart --dry-run", "Show what would run"),
    ],
    failureReport: .operation { _ in nil },
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let restarter = Restarter(store, try context.environment())
      if invocation.flag(.dryRun) {
        let (plan, recovery) = try restarter.planAfterRecovery()
        let configuration = try store.configuration()
        let layout = store.runningLayout(of: plan.id, configuration, try context.environment())
        let lines =
          (recovery.map { [recoveryLine($0)] } ?? []) + ["would restart \(plan.id)"]
          + confirmationLines(configuration, .restarts(plan.id, in: layout))
        return result(plan, invocation, lines)
      }
      let wait = try invocation.waitSeconds()
      return resultOfOperation(id: nil, invocation, context, store) {
        () throws(OperationFailure) in
        let restarted = try restarter.run(waitingUpTo: wait)
        let hasInstances = (try? store.configuration())?.instances != nil
        return result(restarted, invocation, outcome(restarted, hasInstances: hasInstances))
      }
    })

  /// Returns what is known about the service after a restart, one line each.
  private static func outcome(
    _ restarted: RestartResult, hasInstances: Bool
  ) -> [Message] {
    if hasInstances { return ["restarted the instance of \(restarted.id)"] }
    let ran: Message = "ran the activate hook for \(restarted.id)"
    switch restarted.change {
    case .replaced: return ["restarted \(restarted.id)"]
    case .same(let process):
      return [
        ran, "\(process) is the same as before the hook, which has reloaded it or done nothing",
      ]
    case .unknown where restarted.hasHealth:
      return [ran, "it is healthy, but it is unknown whether a process was restarted"]
    case .unknown:
      return [
        ran,
        """
        nothing tells whether it has restarted the service: releases.yaml has neither service nor \
        health; see: man releases.yaml
        """,
      ]
    }
  }

  private static func result(
    _ restarted: RestartResult, _ invocation: Invocation, _ lines: [Message]
  ) -> CommandResult {
    var report = OperationReport(
      command: invocation.command.name, id: restarted.id.text, outcome: .restarted,
      current: restarted.id, previous: restarted.previous,
      rollbackTarget: restarted.rollbackTarget, dryRun: invocation.flag(.dryRun))
    if !report.dryRun { report.processes = restarted.change.word }
    report.steps = restarted.steps.map { .init($0) }
    report.recovered = restarted.recovered
    return CommandResult(report, quietText: restarted.id.text + "\n") { style in
      lines.map { style.sentence($0) }.joined()
    }
  }
}
