internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let remove = Command(
    name: "remove",
    summary: "remove one release",
    group: .maintain,
    roles: [.operator],
    details: [
      """
      Refused for the live release, the fallback, what is pinned, and what it does not know. \
      Whether a process uses the release is not looked at; 'releases prune' does that. The release \
      leaves in one step and its files are deleted after that; once begun, an interrupted removal \
      is finished by the next command that changes the store.
      """
    ],
    operands: [.release("the release to remove")],
    options: [
      .force("remove even the fallback, or what is pinned or not known; never the live one")
    ] + Option.changing,
    examples: [
      ("releases remove 1761974885", "make it gone")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: invocation.operands[0])
      let isThere = snapshot.directories.contains(id)
      let bytes = snapshot.diskUse.own(id)
      let force = invocation.flag(.force)
      let remover = Remover(store)
      if invocation.flag(.dryRun) {
        try remover.refuse(id, snapshot, force: force)
        return removeResult(id, snapshot.catalog[id], bytes, isThere: isThere, dryRun: true)
      }
      let (entry, recovered) = try withTransaction(
        on: store, try context.environment(), waitingUpTo: try invocation.waitSeconds()
      ) { transaction throws(ReleasesError) in
        (try remover.remove(id, force: force, in: &transaction), transaction.recovered)
      }
      return removeResult(id, entry, bytes, isThere: isThere, recovered: recovered)
    })
}

private func removeResult(
  _ id: ReleaseID, _ entry: CatalogEntry?, _ bytes: Int64, isThere: Bool, dryRun: Bool = false,
  recovered: [String] = []
) -> CommandResult {
  let report = ChangeReport(
    command: "remove", id: id.text, outcome: "done", dryRun: dryRun, recovered: recovered,
    freedBytes: isThere && entry == nil ? nil : bytes)
  let size =
    isThere ? entry.map { _ in ", about \(sizeText(bytes))" } ?? "" : ", whose directory was gone"
  return CommandResult(report, quietText: "") { _ in
    dryRun ? "would remove \(id)\(size)\n" : "removed \(id)\(size)\n"
  }
}
