internal import CommandLineKit
internal import Configuration
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Command {
  static let verify = Command(
    name: "verify",
    summary: "Compare releases with their manifests",
    group: .inspect,
    roles: [.ci, .cron],
    details: [
      """
      Reads every file of a release and compares it with the manifest. The command lists files \
      that are modified, missing or added, and files whose modification time differs. It exits \
      with 7 if a file is modified or missing; added files and modification times count only with \
      --strict. Without an ID or --all, the command verifies the live release. Differences in \
      files that match verify.ignore of releases.yaml are ignored.
      """,
      "Nothing is changed or repaired, and an interruption leaves nothing behind.",
    ],
    operands: [
      Operand(
        Value("ID", .listed), .any, help: "Releases to verify (default: the live release)")
    ],
    options: [
      Option(.all, remote: true, help: "Verify every release"),
      Option(
        .strict, remote: true,
        help: "Exit with 7 also for added files and differing modification times"),
    ],
    examples: [
      ("releases verify", "Verify the live release"),
      ("releases verify --all --strict --json", "Verify all releases strictly, for a script"),
    ],
    synonyms: ["fsck", "scrub"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let configuration = try store.configuration()
      let isStrict = invocation.flag(.strict)
      var results: [Verification] = []
      for id in try selectedReleases(invocation, try store.snapshot()) {
        let result = try store.manifests.verify(id, ignoring: configuration.verify.ignore)
        // A release that was removed while it was read is not corrupt.
        if !result.isIntact, !(try store.snapshot().knows(id)) {
          if invocation.flag(.all) { continue }
          throw ReleasesError(
            .noSuchRelease, "release \(id) was removed while it was being verified",
            hint: Hint("see which releases exist", command: ["list"]))
        }
        results.append(result)
      }
      let report = VerifyReport(results, strict: isStrict)
      let different = report.releases.filter { !$0.whole }
      return CommandResult(
        report, quietText: different.map { $0.id + "\n" }.joined(),
        status: different.isEmpty ? .done : .differences
      ) { report.text($0) }
    })
}

/// Returns the releases that the operands name, or all of them with `--all`, or the live one.
///
/// - Throws: `noSuchRelease` for an unknown name, or if nothing is live.
private func selectedReleases(
  _ invocation: Invocation, _ snapshot: Snapshot
) throws(ReleasesError) -> [ReleaseID] {
  if invocation.flag(.all) {
    return snapshot.newestFirst.map(\.id) + snapshot.catalog.corrupt.sorted { $0.text < $1.text }
  }
  if invocation.operands.isEmpty { return [try snapshot.release(named: "current")] }
  var ids: [ReleaseID] = []
  for name in invocation.operands { ids.append(try snapshot.release(named: name)) }
  return ids
}
