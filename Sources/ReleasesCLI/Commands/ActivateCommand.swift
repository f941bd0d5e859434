internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let activate = Command(
    name: "activate",
    summary: "Switch to a release",
    group: .switching,
    roles: [.operator],
    details: [
      """
      The command first checks that the release is ready, not modified and not marked bad, that \
      the shared files exist, and that the store is not frozen. If it refuses, nothing has changed.
      """,
      """
      It then replaces 'previous' and 'current', each in one step, so 'current' points to a \
      complete release at all times. The activate hook of releases.yaml makes the service use the \
      new release, and the health check waits until the release works. If either of them fails, \
      the command restores both links, runs the hook and the health check for the old release, and \
      marks the new one bad. The exit status is 10 if the old release works again, and 11 if it \
      does not. SIGTERM, SIGINT and 'releases abort' also restore the old release. Another signal, \
      sent at least one second after the first, ends the wait for the hook and the health check of \
      the old release. After a signal, the exit status is 128 plus the signal number.
      """,
      """
      With instances (service.socket), the instance of the new release is started first, beside \
      the old one, and its health is checked at its own socket. Only then do 'previous', \
      'current' and the link service.live point to it. The old instance is stopped when its \
      connections have ended, after at most service.drain. If the new instance does not become \
      healthy, it is stopped: the release was never live, the old instance was not touched, and \
      the exit status is 10. 'releases rollback' works in the same way.
      """,
      """
      A release that was live and good before is not marked bad if the switch to it is \
      interrupted, or if the restored release fails too. In the second case, the cause is probably \
      outside both releases, such as a database that is down. The message names the release that \
      was marked bad, if any, and the rollback target.
      """,
      """
      If the command is killed or the power fails during the switch, the next command that changes \
      the store finishes or undoes it; 'releases recover' does only that. A dropped connection \
      does not stop the command. The command itself first waits for another transaction, and \
      recovers an interrupted one. If 'previous' or 'latest' then refers to a different release, \
      it changes nothing and exits with 3.
      """,
    ],
    operands: [
      .release(
        """
        Release ID, a unique prefix of an ID, a ref that only one release has, latest (the newest \
        ready release), or previous (the rollback target)
        """)
    ],
    options: [
      .force("Switch even to a release that is marked bad or was modified"),
      .verify, .noRollback, .request,
    ] + Option.changing,
    examples: [
      ("releases activate 1762147685", "Switch to this release"),
      ("releases activate latest --dry-run", "Show what a switch to the newest release would do"),
    ],
    synonyms: ["switch", "use", "promote", "checkout"],
    failureReport: .operation { $0.operands.first },
    run: { (invocation, context) throws(ReleasesError) in
      try runSwitch(.activate(invocation.operands[0]), invocation, context)
    })
}
