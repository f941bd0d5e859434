internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let unpin = Command(
    name: "unpin",
    summary: "Allow a pinned release to be pruned again",
    group: .protect,
    roles: [.operator],
    details: [
      """
      The release itself is not removed. If it is not pinned, the command changes nothing and exits \
      with 0.
      """
    ],
    operands: [.release("Release to unpin")],
    options: Option.changing,
    examples: [
      ("releases unpin 1762061285", "Apply the retention policy to this release again")
    ],
    synonyms: ["unprotect", "undo"],
    run: { (invocation, context) throws(ReleasesError) in
      try AnnotationChange(
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
