internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let unpack = Command(
    name: "unpack",
    summary: "Create a release from an archive without switching to it",
    group: .switching,
    roles: [.ci],
    details: [
      """
      Unpacks a tar archive, compressed or not, or a zip file, and prints the ID of the new \
      release. The live release does not change. A tar archive may be compressed with gzip, zstd, \
      xz, bzip2 or lz4, also in several parts that follow each other. A zstd window may be up to \
      128 MiB, as with 'zstd --long=27'; for a larger window, the error contains a command that \
      recompresses the archive.
      """,
      """
      The release appears complete or not at all: the archive is unpacked in a staging directory, \
      checked and flushed to disk, and only then moved into place. If the command is interrupted, \
      the next command that changes the store removes what it left behind.
      """,
      """
      The command removes write permission for the group and for others, and the set-user-ID, \
      set-group-ID and sticky bits, from the members of the archive, and warns about it.
      """,
      """
      An archive is rejected with exit status 6 if it is truncated, if it is hostile (for example, \
      if a name or a link leads out of the release; see releases-security(7)), or if it does not \
      match --sha256, --size or --signature. ssh-keygen verifies the signature while the archive \
      is unpacked. The section trust of releases.yaml says whose signatures are accepted, and \
      'releases show' prints who signed. If the file system supports it, files that are equal to \
      those of ready releases share their space; see unpack.share in releases.yaml(5).
      """,
      """
      If releases.yaml has a prepare hook, it runs next, in the final directory of the release. The \
      release is ready only if the hook succeeds. Otherwise its state is 'failed', and \
      'releases prepare' tries again. The live release is not affected.
      """,
      """
      Before and during unpacking, free space is compared with min-free and min-free-inodes of \
      releases.yaml, and with the size of the archive if it is known from the file or from --size. \
      If space is short, releases that the retention policy does not retain are removed first, and \
      the command reports them. If pruning does not free enough, 'unpack' exits with 8 and \
      suggests a prune that removes more, with the space that it would free.
      """,
    ],
    operands: [.archive],
    options: Option.publishing + Option.changing,
    examples: [
      ("releases unpack app.tar.gz --ref v1.4.2", "Unpack a file"),
      (
        "ssh host releases unpack - --size 48211934 < app.tar.gz",
        "Unpack from another machine; --size detects a dropped connection"
      ),
      (
        "releases unpack app.tar.gz --signature app.tar.gz.sig",
        "Require the signature that 'ssh-keygen -Y sign -n release -f KEY app.tar.gz' made"
      ),
    ],
    synonyms: ["extract", "untar", "add"],
    failureReport: .operation { $0.value(.id) },
    run: { (invocation, context) throws(ReleasesError) in
      let archive = try openArchive(invocation.operands[0])
      let request = try publishRequest(invocation, context)
      let store = try context.openStore()
      let environment = try context.environment()
      let configuration = try store.configuration()
      return resultOfOperation(id: invocation.value(.id), invocation, context, store) {
        () throws(OperationFailure) in
        if invocation.flag(.dryRun) {
          let plan = try Publisher(store, environment).plan(archive, request)
          return planResult(plan, configuration)
        }
        let result = try showingProgress(request, environment, invocation, context) {
          request, environment throws(OperationFailure) in
          try Publisher(store, environment).publish(archive, request)
        }
        return unpackResult(result, store, context)
      }
    })
}

private func planResult(
  _ plan: PublicationPlan, _ configuration: Configuration
) -> CommandResult {
  let snapshot = plan.outlook.snapshot
  var report = OperationReport(
    command: "unpack", id: plan.id.text, outcome: .published, current: snapshot.live,
    previous: snapshot.previous.release, dryRun: true)
  report.pruned = plan.pruned.map(\.id.text)
  report.recovered = plan.outlook.recovery?.sentences ?? []
  return CommandResult(report, quietText: "\(plan.id)\n") { style in
    publicationLines(plan, configuration).map { style.sentence($0) }.joined()
  }
}

private func unpackResult(
  _ result: PublishResult, _ store: Store, _ context: Context
) -> CommandResult {
  let snapshot = try? store.snapshot()
  let entry = result.entry
  var report = OperationReport(
    command: "unpack", id: entry.id.text, outcome: .published, current: snapshot?.live,
    previous: snapshot?.previous.release)
  report.add(result.warnings, context)
  report.steps = result.steps.map { .init($0) }
  report.pruned = result.pruned.map(\.id.text)
  report.recovered = result.recovered
  report.containment = result.layers.map(\.rawValue)
  // The ID alone, so that a script can use it.
  return CommandResult(report, quietText: "\(entry.id)\n") { _ in "\(entry.id)\n" }
}
