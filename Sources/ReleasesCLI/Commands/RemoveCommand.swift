internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Command {
  static let remove = Command(
    name: "remove",
    summary: "Remove a release",
    group: .maintain,
    roles: [.operator],
    details: [
      """
      The command refuses to remove the live release, the rollback target, a pinned release, and a \
      release that is not in the catalog or that a process uses. The release is removed in one \
      step, and its files are deleted afterwards. If the command is interrupted, the next command \
      that changes the store finishes the removal.
      """
    ],
    operands: [.release("Release to remove")],
    options: [
      .force(
        """
        Remove even the rollback target, a pinned release, or one that is not in the catalog; never \
        the live release
        """)
    ] + Option.changing,
    examples: [
      ("releases remove 1761974885", "Remove this release")
    ],
    synonyms: ["rm", "delete", "del", "uninstall"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      let force = invocation.flag(.force)
      let remover = Remover(store)
      let name = invocation.operands[0]
      if invocation.flag(.dryRun) {
        let outlook = try RecoveryOutlook(store, environment)
        let snapshot = outlook.snapshot
        let id = try outlook.release(named: name)
        try remover.refuse(id, snapshot, force: force)
        context.notices.printPending(outlook.recovery)
        return removeResult(
          id, snapshot.catalog[id], snapshot.diskUse.own(id),
          isThere: snapshot.directories.contains(id), dryRun: true,
          recovered: outlook.recovery?.sentences ?? [])
      }
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: name)
      let isThere = snapshot.directories.contains(id)
      let bytes = snapshot.diskUse.own(id)
      let result = try remover.run(
        NamedRelease(name, snapshot), force: force, environment,
        waitingUpTo: try invocation.waitSeconds())
      let remaining = result.remains.map { min($0.bytes ?? bytes, bytes) } ?? 0
      return removeResult(
        id, result.entry, bytes - remaining, isThere: isThere, recovered: result.recovered,
        remains: RemainsReport.all(
          result.remains.map { [$0] } ?? [], for: context.reader))
    })
}

private func removeResult(
  _ id: ReleaseID, _ entry: CatalogEntry?, _ bytes: Int64, isThere: Bool, dryRun: Bool = false,
  recovered: [Message] = [], remains: [RemainsReport] = []
) -> CommandResult {
  let report = ChangeReport(
    command: "remove", id: id.text, outcome: "done", dryRun: dryRun, recovered: recovered,
    freedBytes: isThere && entry == nil ? nil : bytes, remains: remains)
  let size =
    isThere
    ? entry.map { _ in ", about \(sizeText(bytes))" } ?? "" : ", whose directory was missing"
  return CommandResult(report, quietText: "") { _ in
    dryRun ? "would remove \(id)\(size)\n" : "removed \(id)\(size)\n"
  }
}
