internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let status = Command(
    name: "status",
    summary: "say what is live and whether anything needs attention",
    group: .look,
    roles: [.monitor],
    details: [
      """
      Names the live release and the one a rollback would choose, a transaction that is running or \
      was interrupted, a freeze and its reason, and the space that is left. It reads without a \
      lock, so it answers while a deployment is under way.
      """,
      """
      It compares the links with the journal, with the release that the main process of the \
      configured service runs in, and with what the health check answers. The exit status is 0 only \
      when all of them agree and nothing else needs attention, and 7 otherwise, so that a monitor \
      can use it. While a switch waits for its confirmation, the service and its health are not \
      judged.
      """,
    ],
    options: [
      Option(
        .watch, remote: true,
        help: "show it again whenever it changes, until it is interrupted or nobody reads on")
    ],
    examples: [
      ("releases status", "the first thing to type when something is wrong"),
      ("releases status --json", "the same for a monitor"),
      ("releases status --watch", "beside a deployment that is under way"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      if invocation.flag(.watch) {
        var watch = StatusWatch(store, environment, context)
        try watch.run(invocation.format)
        return CommandResult(text: "")
      }
      let moment = try StoreState(store, environment.actor)
      let report = StatusReport(
        moment, storeArgument: context.storeArgument, moment.liveState(environment))
      let live = report.current.map { $0 + "\n" } ?? ""
      return CommandResult(
        report, quietText: live, status: report.problems.isEmpty ? .done : .differences
      ) {
        report.text($0, now: environment.actor.now())
      }
    })
}
