internal import ReleaseStore

extension Command {
  static let activate = Command(
    name: "activate",
    summary: "switch to a release",
    group: .change,
    details: [
      """
      First it makes sure that the release is ready, whole and not marked bad, that shared files \
      are there, and that the store is not frozen. A refusal has changed nothing.
      """,
      """
      Then 'previous' and 'current' are switched, each in one step, so that the service finds a \
      version to run at every moment. Restarting the service is not part of it: this version runs \
      no hooks and no health checks yet, and refuses to switch while releases.yaml asks for an \
      activate hook or a health check.
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
      .hashing,
    ] + Option.changing,
    examples: [
      ("releases activate 1762147685", "switch to that release"),
      ("releases activate latest --dry-run", "print what a switch to the newest would do"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      try runSwitch(invocation, context) { (store, options) throws(ReleasesError) in
        try store.planActivation(of: invocation.operands[0], options)
      }
    })
}
