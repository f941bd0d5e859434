internal import ReleaseStore

extension Command {
  static let freeze = Command(
    name: "freeze",
    summary: "hold all switches until thaw",
    group: .guarding,
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
      return try context.change(
        invocation, would: { _, _ in "would freeze the store\n" },
        said: { _, _ in "frozen: no switches until 'releases thaw'\n" }
      ) { (transaction, _) throws(ReleasesError) in
        if let freeze = try transaction.store.freeze() {
          context.warn(
            "this takes the place of the freeze since \(freeze.since.rfc3339) by"
              + " \(freeze.user): \(freeze.reason)")
        }
        try transaction.freeze(reason: reason)
        return true
      }
    })
}
