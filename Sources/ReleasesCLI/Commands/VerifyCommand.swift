internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let verify = Command(
    name: "verify",
    summary: "compare releases with what was published",
    group: .look,
    roles: [.ci, .cron],
    details: [
      """
      Reads every file and compares it with the manifest. What is modified, missing, added or has \
      another time is listed; what is modified or missing ends with exit status 7. Without ID and \
      without --all the live release is checked. What verify.ignore of releases.yaml names is \
      no difference.
      """,
      "Nothing is changed or repaired, and an interruption leaves nothing behind.",
    ],
    operands: [Operand(Value("ID", .listed), .any, help: "the releases to check")],
    options: [
      Option(.all, remote: true, help: "check every release"),
      Option(.strict, remote: true, help: "fail also for what was added and for times that differ"),
    ],
    examples: [
      ("releases verify", "is the live release what was deployed?"),
      ("releases verify --all --strict --json", "all releases, to the letter, for a script"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let configuration = try store.configuration()
      let isStrict = invocation.flag(.strict)
      var results: [Verification] = []
      for id in try wanted(invocation, try store.snapshot()) {
        let result = try store.manifests.verify(id, ignoring: configuration.verify.ignore)
        // Removed while it was read: that is no damage.
        if !result.isIntact, !(try store.snapshot().knows(id)) {
          if invocation.flag(.all) { continue }
          throw ReleasesError(
            .noSuchRelease, "release \(id) was removed while it was being verified",
            hint: "see which there are: releases list")
        }
        results.append(result)
      }
      let report = VerifyReport(results, strict: isStrict)
      let broken = report.releases.filter { !$0.whole }
      return CommandResult(
        report, quietText: broken.map { $0.id + "\n" }.joined(),
        status: broken.isEmpty ? .done : .differences
      ) { report.text($0) }
    })
}

/// The releases named, or all, or the live one.
private func wanted(
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
