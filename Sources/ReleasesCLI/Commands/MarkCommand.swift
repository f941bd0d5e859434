internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import Text

extension Command {
  static let mark = Command(
    name: "mark",
    summary: "Mark a release as good or bad",
    group: .protect,
    roles: [.operator],
    details: [
      """
      A bad release can't be activated without --force, and no rollback chooses it. Marking it \
      good removes the mark, and so does a switch to it whose hook or health check succeeds. The \
      links do not change: to switch away from a bad live release, use 'releases rollback'.
      """
    ],
    operands: [
      .release("Release to mark"),
      Operand(.words(["good", "bad"]), help: "Mark to set"),
    ],
    options: [
      Option(
        .reason, Value("TEXT"), remote: true,
        help: "Reason to record in the history; required for a bad mark")
    ] + Option.changing,
    examples: [
      ("releases mark 1762147685 bad --reason 'loses messages'", "Prevent switches to a release"),
      ("releases mark 1762147685 good", "Remove the bad mark"),
    ],
    synonyms: ["tag", "flag"],
    run: { (invocation, context) throws(ReleasesError) in
      let mark = invocation.operands[1]
      let reason = invocation.value(.reason)
      guard reason != nil || mark == "good" else {
        throw ReleasesError(
          .usage, "mark bad needs --reason TEXT",
          hint: Hint("see the help", command: invocation.helpCommand))
      }
      return try AnnotationChange(
        id: invocation.operands[0],
        refuse: { (store, id, snapshot) throws(ReleasesError) in
          try Annotator(store).refuseMark(id, mark == "good" ? .ready : .bad, snapshot)
        },
        dryRunText: { id, _ in "would mark \(id) as \(mark)\n" },
        text: { id, _ in "marked \(id) as \(mark)\n" },
        note: { before, after in
          let (old, new) = (before.rollbackTarget, after.rollbackTarget)
          return old == new ? nil : "rollback target: \(new?.text ?? "none")\n"
        },
        body: { (store, id, transaction) throws(ReleasesError) in
          if let id {
            try Annotator(store).mark(
              id, mark == "good" ? .ready : .bad,
              reason: reason.map { Message($0, keeping: [id.text]) },
              in: &transaction)
          }
          return true
        }
      ).run(invocation, context)
    })
}
