internal import Archive
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
    summary: "make a new release from an archive, without switching to it",
    group: .change,
    roles: [.ci],
    details: [
      """
      Unpacks a tar archive, compressed or not, or a zip file, and prints the id of the new \
      release. What is live stays live.
      """,
      """
      The release appears complete or not at all: it is unpacked in a staging directory, checked, \
      flushed to disk, and only then moved into place. Interrupted at any moment, the store is as \
      it was, and the next command that changes it clears the remains away.
      """,
      """
      An archive that is truncated, hostile or not the one that --sha256, --size and --signature \
      describe is refused with exit status 6. A signature is verified by ssh-keygen while the \
      archive is unpacked; whose signatures count is for trust in releases.yaml to say, and 'show' \
      tells who signed. What an older release that is ready has already is shared \
      with it where the file system can, see unpack.share in releases.yaml(5).
      """,
      """
      With a prepare hook in releases.yaml that runs next, in the release's final place, and the \
      release is ready only when it has succeeded; else it is 'failed', and 'releases prepare' \
      tries again. What is live is not touched.
      """,
      """
      Before it begins and while it goes on, free space is held against min-free and \
      min-free-inodes of releases.yaml, and against the size of the archive where that is known: \
      of a file, or with --size. When it is short, releases that retention gives up are removed \
      first, and told. When that does not do it, it ends with exit status 8 and says what a prune \
      would free.
      """,
    ],
    operands: [
      Operand(
        Value("ARCHIVE|-", .file, remote: .stream),
        help: "the archive, or - for standard input")
    ],
    options: Option.publishing + Option.changing,
    examples: [
      ("releases unpack app.tar.gz --ref v1.4.2", "from a file"),
      (
        "ssh host releases unpack - --size 48211934 < app.tar.gz",
        "from elsewhere; a connection that drops is noticed by the size"
      ),
      (
        "releases unpack app.tar.gz --signature app.tar.gz.sig",
        "signed by: ssh-keygen -Y sign -n release -f KEY app.tar.gz"
      ),
    ],
    failureReport: .operation { $0.value(.id) },
    run: { (invocation, context) throws(ReleasesError) in
      let archive = try openArchive(invocation.operands[0])
      let request = try publishRequest(invocation)
      let store = try context.openStore()
      let environment = try context.environment()
      let configuration = try store.configuration()
      return resultOfOperation(id: invocation.value(.id), invocation, context) {
        () throws(OperationFailure) in
        if invocation.flag(.dryRun) {
          let plan = try Publisher(store, environment).plan(archive, request)
          return planResult(plan, store, configuration)
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
  _ plan: PublicationPlan, _ store: Store, _ configuration: Configuration
) -> CommandResult {
  let snapshot = try? store.snapshot()
  var report = OperationReport(
    command: "unpack", id: plan.id.text, outcome: .published, current: snapshot?.live,
    previous: snapshot?.previous.release, dryRun: true)
  report.pruned = plan.pruned.map(\.id.text)
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
  report.take(result.warnings, context)
  report.steps = result.steps.map { .init($0) }
  report.pruned = result.pruned.map(\.id.text)
  report.recovered = result.recovered
  report.containment = result.layers.map(\.rawValue)
  // The ID alone, so that a script can use it.
  return CommandResult(report, quietText: "\(entry.id)\n") { _ in "\(entry.id)\n" }
}
