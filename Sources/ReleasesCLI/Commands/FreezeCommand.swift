internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Command {
  static let freeze = Command(
    name: "freeze",
    summary: "Block switches until the store is thawed",
    group: .protect,
    roles: [.operator],
    details: [
      """
      While the store is frozen, no release can be activated. 'releases rollback --force' still \
      works, and so do reading, unpacking and pruning. A command that is refused prints the \
      reason.
      """
    ],
    options: [.reason("Reason to print when a switch is refused")] + Option.changing,
    examples: [
      (
        "releases freeze --reason 'database migration until 14:00'",
        "Block switches during a migration"
      )
    ],
    synonyms: ["lock", "hold"],
    run: { (invocation, context) throws(ReleasesError) in
      let reason = invocation.value(.reason) ?? ""
      return try AnnotationChange(
        dryRunText: { _, _ in "would freeze the store\n" },
        text: { _, _ in "frozen: switches are refused until the store is thawed\n" },
        body: { (store, _, transaction) throws(ReleasesError) in
          if let freeze = try store.freezeFile.read() {
            context.notices.warn(
              """
              replacing the freeze that \(verbatim: freeze.user) set at \(freeze.since.rfc3339): \
              \(verbatim: freeze.reason)
              """)
          }
          try Annotator(store).freeze(reason: Message(reason), in: &transaction)
          return true
        }
      ).run(invocation, context)
    })
}
