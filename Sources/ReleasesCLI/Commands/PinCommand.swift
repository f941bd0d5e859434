internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let pin = Command(
    name: "pin",
    summary: "keep a release from being pruned or removed",
    group: .guarding,
    roles: [.operator],
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
      return try SmallChange(
        id: invocation.operands[0],
        dryRunText: { id, _ in "would pin \(id)\n" },
        text: { id, _ in "pinned \(id): no prune removes it\n" },
        body: { (store, id, transaction) throws(ReleasesError) in
          if let id { try Annotator(store).pin(id, reason: reason, in: &transaction) }
          return true
        }
      ).run(invocation, context)
    })
}
