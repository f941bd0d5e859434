internal import CommandLineKit
internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Option {
  static let request = Option(
    .request, Value("TOKEN"), remote: true,
    help: "Name of this run, by which 'releases wait' finds its outcome")
}

extension Invocation {
  /// Returns the token of `--request`; nil if it was not given.
  ///
  /// - Throws: `usage` for a text that can't be a token.
  func requestToken() throws(ReleasesError) -> AttemptToken? {
    guard let text = value(.request) else { return nil }
    if let token = AttemptToken(text) { return token }
    throw ReleasesError(
      .usage, "invalid request: \(text)",
      hint:
        "use at most 64 letters, digits, dots, underscores and hyphens, a letter or digit first")
  }
}

/// Runs a command and records how it ended, before anything is printed: the connection may drop at any
/// moment. Without `--request` and `--ref` nothing is recorded, since there is no name that `wait` could
/// be given.
///
/// - Parameters:
///   - token: the name that the caller chose; nil for a random one.
///   - ref: the ref that the archive was built from; nil for none.
///   - command: the name of the command.
///   - store: the store.
///   - environment: who runs the command, and when.
///   - body: runs the command.
/// - Returns: the result of `body`.
/// - Throws: `requestTaken` when the token was used by a command that has published or switched.
func recordingAttempt(
  _ token: AttemptToken?, ref: String?, of command: String, in store: Store,
  _ environment: Environment, _ body: () -> CommandResult
) throws(ReleasesError) -> CommandResult {
  guard token != nil || ref != nil,
    let token = token ?? AttemptToken("\(uniqueSuffix())\(uniqueSuffix())")
  else { return body() }
  let record: AttemptRecord
  do throws(ReleasesError) {
    record = try AttemptRecord(token, command: command, ref: ref, in: store, environment.actor)
  } catch let error where [.requestTaken, .corrupt, .unsafeOwner].contains(error.code) {
    throw error
  } catch {
    // A full disk must not prevent a deployment, which may free space.
    environment.observer.warn(Notice(error))
    return body()
  }
  return withExtendedLifetime(record) {
    let result = body()
    // A signal ends this process, and is recorded: no error that it caused counts.
    if result.signal == nil { Signals.endIfTerminating() }
    do throws(ReleasesError) {
      try record.end(exitStatus: result.exitStatus, report: JSONValue(result))
    } catch {
      environment.observer.warn(Notice(error))
    }
    return result
  }
}

extension CommandResult {
  /// The exit status that the process will have.
  fileprivate var exitStatus: Int32 { signal.map { 128 + $0 } ?? status.rawValue }
}

extension JSONValue {
  /// The JSON document of a result; null if it can't be encoded.
  fileprivate init(_ result: CommandResult) {
    let document = (try? json(result.report)).map { Data($0.utf8) }
    self = document.flatMap { try? StoreJSON.decoder().decode(JSONValue.self, from: $0) } ?? .null
  }
}
