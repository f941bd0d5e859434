internal import ReleaseStore

extension Command {
  static let mark = Command(
    name: "mark",
    summary: "mark a release good or bad",
    group: .guarding,
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
      let verdict = invocation.operands[1]
      return try context.change(
        invocation, id: invocation.operands[0],
        would: { id, _ in "would mark \(id) as \(verdict)\n" },
        said: { id, _ in "marked \(id) as \(verdict)\n" }
      ) { (transaction, id) throws(ReleasesError) in
        if let id { try transaction.mark(id, verdict == "good" ? .ready : .bad, reason: reason) }
        return true
      }
    })
}
