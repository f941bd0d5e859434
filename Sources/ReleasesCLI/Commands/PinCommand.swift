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
    run: decline)
}
