internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let thaw = Command(
    name: "thaw",
    summary: "Allow switches again after a freeze",
    group: .protect,
    roles: [.operator],
    details: [
      "Ends a freeze. If the store is not frozen, the command changes nothing and exits with 0."
    ],
    options: Option.changing,
    examples: [
      ("releases thaw", "End the freeze")
    ],
    synonyms: ["unfreeze", "unlock", "resume", "undo"],
    run: { (invocation, context) throws(ReleasesError) in
      try AnnotationChange(
        dryRunText: { _, snapshot in
          snapshot.freeze == nil
            ? "the store is not frozen; nothing to do\n" : "would thaw the store\n"
        },
        text: { _, isChanged in isChanged ? "thawed\n" : "the store was not frozen\n" },
        body: { (store, _, transaction) throws(ReleasesError) in
          try Annotator(store).thaw(in: &transaction)
        }
      ).run(invocation, context)
    })
}
