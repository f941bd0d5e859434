internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let rollback = Command(
    name: "rollback",
    summary: "switch back to the release that was live before",
    group: .change,
    roles: [.ci],
    details: [
      """
      Chooses the release that 'previous' leads to; where that is bad or gone, the good one that \
      was live last. 'releases list' says which. The release it leaves is marked bad, so a second \
      rollback goes further back instead of forth again.
      """,
      """
      The switch is the same as that of 'releases activate' and as safe, with the same hook and \
      health check, and runs nothing that belongs to the release it leaves. Killed or cut off by a power failure half-way, it is \
      settled by the next command that changes the store, or by 'releases recover'.
      """,
    ],
    options: [
      Option(
        .to, Value("ID", .listed), remote: true, takesStrayOperand: true,
        help: "switch to this release instead"),
      .force("roll back even while the store is frozen, or to a release that is bad or not whole"),
      .hashing, .noRollback,
    ] + Option.changing,
    examples: [
      ("releases rollback", "back to what worked"),
      ("releases rollback --to 1761974885 --force", "to this one, whatever is said against it"),
    ],
    failureReport: .operation { $0.value(.to) },
    run: { (invocation, context) throws(ReleasesError) in
      try runSwitch(.rollback(to: invocation.value(.to)), invocation, context)
    })
}
