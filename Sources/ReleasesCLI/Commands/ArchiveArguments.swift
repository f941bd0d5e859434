internal import Archive
internal import CommandLineKit
internal import Configuration
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import StoreSupport
internal import Text

// The operand, the options and the request that `unpack` and `deploy` share.

extension Operand {
  /// The archive to unpack.
  static let archive = Operand(
    Value("ARCHIVE|-", .file, remote: .stream), help: "Archive to unpack, or - for standard input")
}

extension Option {
  /// The options of the commands that take an archive.
  static let publishing: [Option] = [
    Option(
      .id, Value("ID"), remote: true,
      help: "Release ID (default: the current Unix time)"),
    Option(
      .ref, Value("REF"), remote: true,
      help: "Commit or tag that the release was built from (at most 255 bytes)"),
    Option(
      .sha256, Value("HEX"), remote: true,
      help: "Expected SHA-256 of the archive; any other archive is rejected"),
    Option(
      .signature, Value("FILE|base64:TEXT", .file, remote: .inline), remote: true,
      help: "Signature of the archive, as made by 'ssh-keygen -Y sign -n release'"),
    Option(
      .size, Value("BYTES", .number), remote: true,
      help: "Expected size of the archive; any other archive is rejected"),
    Option(
      .stripComponents, Value("N", .number), remote: true,
      help: """
        Number of leading directories to remove from each name (default: unpack.strip-components of \
        releases.yaml)
        """),
    Option(
      .progress, .words(of: ProgressDisplay.Mode.self), remote: true,
      help: "Show progress as a bar on a terminal, as plain lines, or not at all (default: auto)"),
  ]
}

/// Opens an archive, or standard input for `-`.
///
/// A command calls this before root becomes the owner of the store, and reads the signature then,
/// too: the caller may read files that the owner of the store can't.
///
/// - Throws: `input` when the file can't be opened, or is a directory.
func openArchive(_ name: String) throws(ReleasesError) -> Descriptor {
  do throws(SystemError) {
    let file =
      name == "-"
      ? try Descriptor.duplicate(StandardStream.input.rawValue)
      // A named pipe is opened at once, so that the limits apply to the wait for its writer.
      : try Descriptor.open(name, [.nonBlocking])
    if try file.status().kind != .directory { return file }
  } catch {
    throw ReleasesError(
      .input, "can't read the archive \(name)", hint: "check the path and its permissions",
      cause: Message(error))
  }
  let what = name == "-" ? "standard input" : name
  let directory = name == "-" ? "DIRECTORY" : name.shellQuoted
  throw ReleasesError(
    .input, "\(what) is a directory, not an archive",
    hint: Hint("pack it first", shell: "tar -czf release.tar.gz -C \(directory) ."))
}

/// Returns the request that the options of the command line make.
///
/// - Throws: `usage` for a value that is invalid, and the errors of ``Signature/read(_:)``.
func publishRequest(
  _ invocation: Invocation, _ context: Context
) throws(ReleasesError) -> PublishRequest {
  var request = PublishRequest(wait: try invocation.waitSeconds())
  request.arrivalTime = context.session.map { Int($0.uploadTime) }
  let name = invocation.operands[0]
  request.archiveName = name == "-" ? nil : name
  if let text = invocation.value(.id) {
    guard let id = ReleaseID(text) else {
      throw ReleasesError(
        .usage, "invalid release ID: \(text)",
        hint: ReleaseID.keywords.contains(text)
          ? "commands accept this word in place of an ID; use another ID, or leave out --id"
          : "use at most 64 letters, digits, dots, underscores and hyphens, a letter or digit first"
      )
    }
    request.id = id
  }
  if let text = invocation.value(.sha256) {
    guard let digest = Digest(hex: text) else {
      throw ReleasesError(
        .usage, "--sha256 takes 64 hexadecimal digits",
        hint: Hint(
          "compute the digest",
          shell: "sha256sum \(request.archiveName?.shellQuoted ?? "ARCHIVE")"))
    }
    request.expected.digest = digest
  }
  if let text = invocation.value(.signature) { request.signature = try Signature.read(text) }
  request.expected.size = invocation.number(.size).map { Int64($0) }
  request.stripComponents = invocation.number(.stripComponents)
  request.ref = try ref(invocation)
  request.command = invocation.command.name
  request.repeatedOptions = invocation.repeatedOptions
  return request
}

extension Invocation {
  /// The options that a repetition of the command needs. The ID and the token are taken by then.
  fileprivate var repeatedOptions: [String] {
    let left: Set<Option.Name> = [.id, .request, .stripComponents, .dryRun, .progress]
    return command.options.filter { optionNames.subtracting(left).contains($0.name) }.flatMap {
      option in
      option.value == nil
        ? [option.long] : values(option.name).flatMap { [option.long, $0] }
    }
  }
}

/// Runs a publication and shows its progress.
///
/// - Parameters:
///   - request: what to publish; `body` gets a copy that reports its progress.
///   - environment: the environment; `body` gets a copy whose warnings do not disturb the progress.
///   - invocation: the command line.
///   - context: the context of the command.
///   - body: publishes the release.
/// - Returns: what `body` returns.
/// - Throws: the failure of `body`.
func showingProgress<Result>(
  _ request: PublishRequest, _ environment: Environment, _ invocation: Invocation,
  _ context: Context,
  _ body: (PublishRequest, Environment) throws(OperationFailure) -> Result
) throws(OperationFailure) -> Result {
  let mode = invocation.value(.progress).flatMap(ProgressDisplay.Mode.init) ?? .auto
  let display = ProgressDisplay(mode, context.notices)
  var (request, environment) = (request, environment)
  request.progress = { display.show($0) }
  let (warn, step) = (environment.observer.warn, environment.observer.step)
  environment.observer.warn = { notice in display.aside { warn(notice) } }
  environment.observer.step = { event in display.aside { step(event) } }
  do throws(OperationFailure) {
    let result = try body(request, environment)
    display.end(isDone: true)
    return result
  } catch {
    display.end(isDone: false)
    throw error
  }
}

/// Returns what a publication would do, one line each, for a dry run.
func publicationLines(_ plan: PublicationPlan, _ configuration: Configuration) -> [Message] {
  (plan.outlook.recovery.map { [recoveryLine($0)] } ?? [])
    + plan.pruned.map { "would remove release \($0.id) to make space: \($0.reason)" }
    + ["would unpack the archive into release \(plan.id)"]
    + (configuration.hooks.prepare.map {
      ["would run the prepare hook, for up to \($0.timeout): \($0.run.text)"]
    } ?? [])
}

/// Returns the value of `--ref`; nil if it was not given.
///
/// - Throws: `usage` for a ref that looks like a secret, which could be neither shown nor told from
///   others.
private func ref(_ invocation: Invocation) throws(ReleasesError) -> String? {
  guard let ref = invocation.value(.ref) else { return nil }
  guard !Outgoing.isSecret(ref) else {
    throw ReleasesError(
      .usage, "the ref looks like a secret: \(ref)",
      hint: "use the tag, the branch or the commit that the archive was built from")
  }
  return ref
}
