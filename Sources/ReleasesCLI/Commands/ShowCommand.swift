internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let show = Command(
    name: "show",
    summary: "show all that is known of one release",
    group: .look,
    roles: [.monitor],
    details: [
      """
      Its state and the reason for it, when it was published and last made live, what it was made \
      from, the pin, the size and how much of that the disk holds for this release alone, the \
      SHA-256 of the archive and of the manifest, and the path. It reads without a lock.
      """
    ],
    operands: [
      .release(
        """
        the release, a unique beginning of its id, latest (the newest that is ready), previous, or \
        current
        """)
    ],
    examples: [
      ("releases show 1762147685", "one release in full"),
      ("releases show previous", "the release that was live before"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: invocation.operands[0])
      // Where nothing was ever shared there is nothing to ask each file about.
      let measured = snapshot.diskUse.hasSharing ? try ContentSize(of: id, in: store) : nil
      let report = ShowReport(id, store, snapshot, measured)
      let now = try context.actor().now()
      return CommandResult(report, quietText: id.text + "\n") { report.text($0, now: now) }
    })
}
