internal import Archive
internal import Linux
internal import ReleaseStore

extension Command {
  static let unpack = Command(
    name: "unpack",
    summary: "make a new release from an archive, without switching to it",
    group: .change,
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
      tells who signed. With a prepare hook configured, which this version does not run yet, the \
      release waits for 'releases mark'. What an older release that is ready has already is shared \
      with it where the file system can, see unpack.share in releases.yaml(5).
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
      Operand(Value("ARCHIVE|-", .file), help: "the archive, or - for standard input")
    ],
    options: [
      Option(.id, Value("ID"), help: "name the release; else the time in Unix seconds names it"),
      Option(.ref, Value("REF"), help: "remember which commit or tag it was made from"),
      Option(.sha256, Value("HEX"), help: "refuse an archive with any other SHA-256"),
      Option(
        .signature, Value("FILE|base64:TEXT", .file),
        help: "refuse an archive without this signature by 'ssh-keygen -Y sign'"),
      Option(.size, Value("BYTES", .number), help: "refuse an archive of any other size"),
      Option(
        .stripComponents, Value("N", .number),
        help: "leave out this many leading directories of each name"),
      Option(
        .progress, .words(ProgressDisplay.Wish.allCases.map(\.rawValue)),
        help: "show how far it is: on a terminal only (auto), in plain lines, or not at all"),
    ] + Option.changing,
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
    run: { (invocation, context) throws(ReleasesError) in
      let archive = try openArchive(invocation.operands[0])
      let request = try publishRequest(invocation)
      let store = try context.openStore()
      let environment = try context.environment()
      if invocation.flag(.dryRun) {
        let plan = try store.planPublication(archive, request, environment)
        return planOutcome(plan, try store.snapshot())
      }
      let result = try publish(
        archive, to: store, request, environment, ProgressDisplay(invocation, context))
      return unpackOutcome(result, try store.snapshot(), context)
    })
}

/// Before root becomes the store's owner: whoever typed the path may read the file. The same holds
/// for the signature.
private func openArchive(_ name: String) throws(ReleasesError) -> Descriptor {
  do throws(SystemError) {
    if name == "-" { return try Descriptor.duplicate(StandardStream.input.rawValue) }
    let file = try Descriptor.open(name)
    if try file.status().kind == .directory {
      throw SystemError(call: "read", path: name, errno: .isADirectory)
    }
    return file
  } catch {
    throw ReleasesError(
      .input, "can't read the archive \(name)", hint: "check the path and its permissions",
      cause: error.description)
  }
}

private func publishRequest(_ invocation: Invocation) throws(ReleasesError) -> PublishRequest {
  var request = PublishRequest(wait: try invocation.waitSeconds())
  if let text = invocation.value(.id) {
    guard let id = ReleaseID(text) else {
      throw ReleasesError(
        .usage, "\(text) can't be the id of a release",
        hint: ReleaseID.keywords.contains(text)
          ? "commands take that word in place of an id; give another --id, or none"
          : "letters, digits, dots, underscores and hyphens, 64 at most, a letter or digit first")
    }
    request.id = id
  }
  if let text = invocation.value(.sha256) {
    guard let digest = Digest(hex: text) else {
      throw ReleasesError(
        .usage, "--sha256 takes 64 hexadecimal digits", hint: "see: sha256sum ARCHIVE")
    }
    request.expected.digest = digest
  }
  if let text = invocation.value(.signature) { request.signature = try Signature.read(text) }
  request.expected.size = invocation.number(.size).map { Int64($0) }
  request.stripComponents = invocation.number(.stripComponents)
  request.ref = invocation.value(.ref)
  return request
}

/// Publishes, and shows how far it is.
private func publish(
  _ archive: borrowing Descriptor, to store: Store, _ request: PublishRequest,
  _ environment: Environment, _ display: ProgressDisplay
) throws(ReleasesError) -> PublishResult {
  var (request, environment) = (request, environment)
  request.tell = { display.show($0) }
  let warn = environment.warn
  environment.warn = { line in display.aside { warn(line) } }
  do throws(ReleasesError) {
    let result = try store.publish(archive, request, environment)
    display.end(isDone: true)
    return result
  } catch {
    display.end(isDone: false)
    throw error
  }
}

private func planOutcome(_ plan: PublicationPlan, _ snapshot: Snapshot) -> Outcome {
  var report = OperationReport(
    command: "unpack", id: plan.id.text, outcome: .published, current: snapshot.live,
    previous: snapshot.previous.release, dryRun: true)
  report.pruned = plan.pruned.map(\.id.text)
  return Outcome(report, bare: "\(plan.id)\n") { style in
    plan.pruned.map {
      style.sentence("would remove release \($0.id) to make room: \($0.reason)")
    }.joined() + "would unpack into release \(plan.id)\n"
  }
}

private func unpackOutcome(
  _ result: PublishResult, _ snapshot: Snapshot, _ context: Context
) -> Outcome {
  for warning in result.warnings { context.warn(warning) }
  let entry = result.entry
  var report = OperationReport(
    command: "unpack", id: entry.id.text, outcome: .published, current: snapshot.live,
    previous: snapshot.previous.release)
  report.steps = result.steps.map { .init($0.name, seconds: $0.seconds) }
  report.pruned = result.pruned.map(\.id.text)
  report.recovered = result.recovered
  report.warnings = result.warnings
  report.containment = result.layers.map(\.rawValue)
  // The id alone, so that a script can take it.
  return Outcome(report, bare: "\(entry.id)\n") { _ in "\(entry.id)\n" }
}
