internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import Text

extension Command {
  static let pin = Command(
    name: "pin",
    summary: "Protect a release from pruning and removal",
    group: .protect,
    roles: [.operator],
    details: [
      """
      The pin remains until it is removed with 'releases unpin'. It is on disk when the command \
      exits with 0. If the command is interrupted, the release is either pinned or not.
      """
    ],
    operands: [.release("Release to pin")],
    options: [.reason("Reason to record with the pin")] + Option.changing,
    examples: [
      (
        "releases pin 1762061285 --reason 'last one with the old schema'",
        "Retain a release until it is unpinned"
      )
    ],
    synonyms: ["keep", "protect"],
    run: { (invocation, context) throws(ReleasesError) in
      let reason = invocation.value(.reason) ?? ""
      return try AnnotationChange(
        id: invocation.operands[0],
        dryRunText: { id, _ in "would pin \(id)\n" },
        text: { id, _ in "pinned \(id); it is retained until it is unpinned\n" },
        body: { (store, id, transaction) throws(ReleasesError) in
          if let id {
            try Annotator(store).pin(
              id, reason: Message(reason, keeping: [id.text]), in: &transaction)
          }
          return true
        }
      ).run(invocation, context)
    })
}
