internal import ReleaseStore

extension Command {
  static let thaw = Command(
    name: "thaw",
    summary: "allow switches again",
    group: .guarding,
    details: [
      "Ends a freeze. A store that is not frozen stays so, and that is no error."
    ],
    options: Option.changing,
    examples: [
      ("releases thaw", "the opposite of releases freeze")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      try context.change(
        invocation,
        would: { _, snapshot in
          snapshot.freeze == nil
            ? "the store is not frozen; nothing to do\n" : "would thaw the store\n"
        },
        said: { _, isChanged in isChanged ? "thawed\n" : "the store was not frozen\n" }
      ) { (transaction, _) throws(ReleasesError) in try transaction.thaw() }
    })
}
