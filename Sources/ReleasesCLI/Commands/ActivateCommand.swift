internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let activate = Command(
    name: "activate",
    summary: "switch to a release",
    group: .change,
    roles: [.operator],
    details: [
      """
      First it makes sure that the release is ready, whole and not marked bad, that shared files \
      are there, and that the store is not frozen. A refusal has changed nothing.
      """,
      """
      Then 'previous' and 'current' are switched, each in one step, so that the service finds a \
      version to run at every moment. The activate hook of releases.yaml lets the service use it, \
      and the health check waits until it works. When one of them fails, both links go back, they \
      run for the old release, and the new one is marked bad: exit status 10 when the old one \
      works again, 11 when a person is needed. TERM, INT and 'releases abort' do the same.
      """,
      """
      Killed or cut off by a power failure half-way, it is settled by the next command that \
      changes the store, or by 'releases recover'. A dropped connection does not stop it.
      """,
    ],
    operands: [
      .release(
        "the release, a unique beginning of its id, latest (the newest that is ready), or previous")
    ],
    options: [
      .force("switch even to a release that is marked bad or is not whole"),
      .hashing, .noRollback,
    ] + Option.changing,
    examples: [
      ("releases activate 1762147685", "switch to that release"),
      ("releases activate latest --dry-run", "print what a switch to the newest would do"),
    ],
    failureReport: .operation { $0.operands.first },
    run: { (invocation, context) throws(ReleasesError) in
      try runSwitch(.activate(invocation.operands[0]), invocation, context)
    })
}
