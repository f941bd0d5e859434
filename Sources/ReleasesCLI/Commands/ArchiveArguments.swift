internal import Archive
internal import CommandLineKit
internal import Configuration
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel

// What `unpack` and `deploy` have in common.

extension Option {
  /// Of the commands that take an archive.
  static let publishing: [Option] = [
    Option(
      .id, Value("ID"), remote: true,
      help: "name the release; else the time in Unix seconds names it"),
    Option(
      .ref, Value("REF"), remote: true, help: "remember which commit or tag it was made from"),
    Option(.sha256, Value("HEX"), remote: true, help: "refuse an archive with any other SHA-256"),
    Option(
      .signature, Value("FILE|base64:TEXT", .file, remote: .inline), remote: true,
      help: "refuse an archive without this signature by 'ssh-keygen -Y sign'"),
    Option(
      .size, Value("BYTES", .number), remote: true, help: "refuse an archive of any other size"),
    Option(
      .stripComponents, Value("N", .number), remote: true,
      help: "leave out this many leading directories of each name"),
    Option(
      .progress, .words(of: ProgressDisplay.Mode.self), remote: true,
      help: "show how far it is: on a terminal only (auto), in plain lines, or not at all"),
  ]
}

/// Before root becomes the store's owner: whoever typed the path may read the file. The same holds
/// for the signature.
func openArchive(_ name: String) throws(ReleasesError) -> Descriptor {
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

func publishRequest(_ invocation: Invocation) throws(ReleasesError) -> PublishRequest {
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

/// Runs a publication and shows its progress.
///
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

/// Says what a publication would do, for a dry run.
func publicationLines(_ plan: PublicationPlan, _ configuration: Configuration) -> [String] {
  plan.pruned.map { "would remove release \($0.id) to make space: \($0.reason)" }
    + ["would unpack into release \(plan.id)"]
    + (configuration.hooks.prepare.map { ["would run, for up to \($0.timeout): \($0.run.text)"] }
      ?? [])
}
