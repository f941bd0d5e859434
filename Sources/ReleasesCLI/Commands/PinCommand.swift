internal import ReleaseStore

extension Command {
  static let pin = Command(
    name: "pin",
    summary: "keep a release from being pruned or removed",
    group: .guarding,
    details: [
      """
      The pin stays until 'releases unpin'. It is durable when the command ends; interrupted, the \
      release is pinned or not, and nothing in between.
      """
    ],
    operands: [.release("the release to keep")],
    options: [.reason("why, for whoever finds the pin")] + Option.changing,
    examples: [
      (
        "releases pin 1762061285 --reason 'last one with the old schema'",
        "keep it through every prune"
      )
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let reason = invocation.value(.reason) ?? ""
      return try context.change(
        invocation, id: invocation.operands[0],
        would: { id, _ in "would pin \(id)\n" },
        said: { id, _ in "pinned \(id): no prune removes it\n" }
      ) { (transaction, id) throws(ReleasesError) in
        if let id { try transaction.pin(id, reason: reason) }
        return true
      }
    })
}
