internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let show = Command(
    name: "show",
    summary: "Show details of a release",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Prints the state and the reason for it, when the release was published and last went live, \
      what it was built from, the pin, the size and how much of it is not shared with other \
      releases, the signer, the SHA-256 digests of the archive and of the manifest, and the path. \
      The command takes no lock.
      """
    ],
    operands: [
      .release(
        """
        Release ID, a unique prefix of an ID, a ref that only one release has, latest (the newest \
        ready release), previous (the rollback target), or current
        """)
    ],
    examples: [
      ("releases show 1762147685", "Show this release"),
      ("releases show previous", "Show the rollback target"),
    ],
    synonyms: ["describe", "inspect"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: invocation.operands[0])
      // Measuring opens every file, which is only worthwhile if some of them may be shared.
      let measured = snapshot.diskUse.hasSharing ? try ContentSize(of: id, in: store) : nil
      let environment = try context.environment()
      let actor = environment.actor
      let report = ShowReport(
        id, store, snapshot, measured, reader: context.reader,
        isUnconfirmed: try store.unconfirmedRelease(actor) == id,
        InstanceOverview(in: store, environment))
      let now = actor.now()
      return CommandResult(report, quietText: id.text + "\n") { report.text($0, now: now) }
    })
}
