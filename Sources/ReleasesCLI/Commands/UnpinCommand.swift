internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let unpin = Command(
    name: "unpin",
    summary: "let a pinned release be pruned again",
    group: .guarding,
    roles: [.operator],
    details: [
      "Removes nothing by itself. A release that is not pinned stays so, and that is no error."
    ],
    operands: [.release("the pinned release")],
    options: Option.changing,
    examples: [
      ("releases unpin 1762061285", "from now on retention decides")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      try SmallChange(
        id: invocation.operands[0],
        dryRunText: { id, snapshot in
          ReleaseID(id).flatMap { snapshot.catalog[$0]?.pin } == nil
            ? "\(id) is not pinned; nothing to do\n" : "would unpin \(id)\n"
        },
        text: { id, isChanged in isChanged ? "unpinned \(id)\n" : "\(id) was not pinned\n" },
        body: { (store, id, transaction) throws(ReleasesError) in
          guard let id else { return false }
          return try Annotator(store).unpin(id, in: &transaction)
        }
      ).run(invocation, context)
    })
}
