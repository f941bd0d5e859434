internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let rollback = Command(
    name: "rollback",
    summary: "Switch back to the release that was live before",
    group: .switching,
    roles: [.ci],
    details: [
      """
      Chooses the release that 'previous' points to. If that one is bad or missing, it chooses the \
      good release that was live most recently. 'releases list' shows that release as 'rollback'. \
      The release that was live is marked bad, so a second rollback chooses an older release \
      instead of returning to it.
      """,
      """
      The switch works like that of 'releases activate', with the same guarantees, hook and health \
      check. No program of the release that was live is run. If the command is killed or the power \
      fails during the switch, the next command that changes the store finishes or undoes it.
      """,
      """
      An invalid releases.yaml prevents a rollback. With --force, the command moves the links, \
      runs no hook and no health check, and prints a warning. 'releases status' then exits with 7 \
      until the file is corrected and 'releases restart' has confirmed the release.
      """,
    ],
    options: [
      Option(
        .to, Value("ID", .listed), remote: true, takesStrayOperand: true,
        help: "Release to switch to (default: the rollback target)"),
      .force(
        """
        Roll back even if the store is frozen, to a release that is bad or was modified, or \
        without hooks if releases.yaml is invalid
        """),
      .verify, .noRollback, .request,
    ] + Option.changing,
    examples: [
      ("releases rollback", "Return to the last good release"),
      (
        "releases rollback --to 1761974885 --force",
        "Switch to this release despite a freeze or a bad mark"
      ),
    ],
    synonyms: ["undo", "revert", "back", "downgrade"],
    failureReport: .operation { $0.value(.to) },
    run: { (invocation, context) throws(ReleasesError) in
      try runSwitch(.rollback(to: invocation.value(.to)), invocation, context)
    })
}
