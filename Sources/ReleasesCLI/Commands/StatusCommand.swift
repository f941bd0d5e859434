internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let status = Command(
    name: "status",
    summary: "Show what is live and whether anything needs attention",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Shows the live release and the rollback target, a running or interrupted transaction, a \
      freeze and its reason, and free space. The command takes no lock, so it also answers while a \
      deployment is in progress.
      """,
      """
      It compares the links with the journal and with the release in which the main process of the \
      configured service runs, and it checks the health of the service. While a switch waits for \
      its confirmation, neither the service nor its health is checked, unless the instance of the \
      live release serves meanwhile. The health command and the \
      health socket are used only if the owner of the store or root runs 'status'; other users get \
      a note that says why the health was not checked.
      """,
      """
      With instances (service.socket), it shows the instances and where the link service.live points. \
      An instance is live, starting, draining (it gets no new connections, and is stopped when those \
      that it has have ended), or orphaned (it runs, and no process waits to stop it).
      """,
      """
      Each finding has a level. A problem needs attention, for example: nothing is live, the live \
      release is bad, one of its files is missing or differs from its manifest, a transaction was \
      interrupted, a rollback would be refused because the files of the rollback target differ \
      from its manifest, a shared file or directory is missing, or something in the trash can't be \
      removed. A warning does not affect the live release, or the next command that changes the store \
      removes its cause. A note says what is in progress, such as an unpack or a switch that waits for its \
      health check, or what could not be determined. The exit status is 7 if there is a problem, \
      and 0 otherwise, so that a monitor can use it. The text has the code of each finding in \
      brackets; releases-json(7) says under FINDING CODES what to do. 'list', 'check', 'metrics' \
      and 'report' show the same findings.
      """,
    ],
    options: [
      Option(
        .watch, remote: true,
        help: "Print the status again whenever it changes, until interrupted")
    ],
    examples: [
      (
        "releases status", "Show overall health. Exits with 7 if anything needs attention"
      ),
      ("releases status --json", "Print the status for a monitor"),
      ("releases status --watch", "Follow a deployment"),
    ],
    synonyms: ["ps", "stat", "info", "state"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      if invocation.flag(.watch) {
        var watch = StatusWatch(store, environment, context)
        try watch.run(invocation.format)
        return CommandResult(text: "")
      }
      let (storeState, liveState) = try StoreState.withLiveState(store, environment)
      let report = StatusReport(
        storeState, reader: context.reader, liveState)
      let live = report.current.map { $0 + "\n" } ?? ""
      return CommandResult(
        report, quietText: live, status: report.problems.isEmpty ? .done : .differences
      ) {
        report.text($0, now: environment.actor.now())
      }
    })
}
