internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let mark = Command(
    name: "mark",
    summary: "mark a release good or bad",
    group: .guarding,
    roles: [.operator],
    details: [
      """
      A bad release is not switched to without --force, and no rollback chooses it. Marking it \
      good takes that back. The links stay where they are: to leave a live release that is bad, \
      type 'releases rollback'.
      """
    ],
    operands: [
      .release("the release"),
      Operand(.words(["good", "bad"]), help: "what it is"),
    ],
    options: [.reason("why, for whoever reads the history")] + Option.changing,
    examples: [
      ("releases mark 1762147685 bad --reason 'loses messages'", "never switch to it again"),
      ("releases mark 1762147685 good --reason 'it was the database'", "take that back"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let reason = invocation.value(.reason) ?? ""
      let mark = invocation.operands[1]
      return try SmallChange(
        id: invocation.operands[0],
        dryRunText: { id, _ in "would mark \(id) as \(mark)\n" },
        text: { id, _ in "marked \(id) as \(mark)\n" },
        body: { (store, id, transaction) throws(ReleasesError) in
          if let id {
            try Annotator(store).mark(
              id, mark == "good" ? .ready : .bad, reason: reason, in: &transaction)
          }
          return true
        }
      ).run(invocation, context)
    })
}
