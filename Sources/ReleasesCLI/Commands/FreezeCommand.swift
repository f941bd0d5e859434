internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let freeze = Command(
    name: "freeze",
    summary: "hold all switches until thaw",
    group: .guarding,
    roles: [.operator],
    details: [
      """
      While the store is frozen, nothing is activated; 'releases rollback --force' still works. \
      Looking, unpacking and pruning go on. Everybody who is refused is told the reason.
      """
    ],
    options: [.reason("why, for whoever is refused")] + Option.changing,
    examples: [
      ("releases freeze --reason 'database migration until 14:00'", "nothing is switched meanwhile")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let reason = invocation.value(.reason) ?? ""
      return try SmallChange(
        dryRunText: { _, _ in "would freeze the store\n" },
        text: { _, _ in "frozen: no switches until 'releases thaw'\n" },
        body: { (store, _, transaction) throws(ReleasesError) in
          if let freeze = try store.freezeFile.read() {
            context.notices.warn(
              """
              this replaces the freeze since \(freeze.since.rfc3339) by \(freeze.user): \
              \(freeze.reason)
              """)
          }
          try Annotator(store).freeze(reason: reason, in: &transaction)
          return true
        }
      ).run(invocation, context)
    })
}
