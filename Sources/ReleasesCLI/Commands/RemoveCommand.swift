internal import ReleaseStore

extension Command {
  static let remove = Command(
    name: "remove",
    summary: "remove one release",
    group: .maintain,
    details: [
      """
      Refused for the live release, the fallback, and what is pinned or in use. The release leaves \
      in one step and its files are deleted after that; once begun, an interrupted removal is \
      finished by the next command that changes the store.
      """
    ],
    operands: [.release("the release to remove")],
    options: [
      .force("remove even the fallback or a pinned release; the live one stays")
    ] + Option.changing,
    examples: [
      ("releases remove 1761974885", "make it gone")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let id = try store.snapshot().release(named: invocation.operands[0])
      let force = invocation.flag(.force)
      if invocation.flag(.dryRun) {
        let snapshot = try store.snapshot()
        try store.refuseRemoval(of: id, snapshot, force: force)
        if !force { try store.refuseWhileUsed(id) }
        return removeOutcome(id, snapshot.catalog[id], dryRun: true)
      }
      var transaction = try context.begin(store, invocation)
      let recovered = transaction.recovered
      do throws(ReleasesError) {
        let entry = try transaction.remove(id, force: force)
        transaction.end()
        return removeOutcome(id, entry, recovered: recovered)
      } catch {
        transaction.end()
        throw error
      }
    })
}

private func removeOutcome(
  _ id: ReleaseID, _ entry: CatalogEntry?, dryRun: Bool = false, recovered: [String] = []
) -> Outcome {
  let report = ChangeReport(
    command: "remove", id: id.text, outcome: "done", dryRun: dryRun, recovered: recovered,
    freedBytes: entry?.bytes)
  let size = entry.map { ", about \(sizeText($0.bytes))" } ?? ""
  return Outcome(report, bare: "") { _ in
    dryRun ? "would remove \(id)\(size)\n" : "removed \(id)\(size)\n"
  }
}
