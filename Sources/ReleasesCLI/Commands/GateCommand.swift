internal import CommandLineKit
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

extension Command {
  static let gate = Command(
    name: "gate",
    summary: "Run only the commands that an SSH key is allowed to run",
    group: .other,
    details: [
      """
      Use this as the forced command of a key in authorized_keys; see sshd(8). A client with that \
      key gets no shell. It can run only the commands that --allow names, on the store that is set \
      here. The requested command line is split into arguments without a shell. If it contains an \
      expansion, a redirection or a second command, or if the key may not run the command or use the \
      option, it is refused with exit status 3. A mistake in the options or operands of a command that \
      the key may run ends with exit status 2, as in a shell. 'releases help' lists what the key may run.
      """,
      """
      In authorized_keys, put 'restrict,command="releases gate --allow ci"' before the key; \
      'restrict' also disables forwarding.
      """,
      """
      Options that select another store or name a file on the host are refused: archives come from \
      standard input, and signatures are given as base64:TEXT. The journal and the history record \
      the name of the key beside the user.
      """,
      """
      --allow takes commands and roles. 'monitor' can run list, show, status, history, check, \
      metrics and report. 'ci' can run these, and also deploy, unpack, prepare, rollback, abort, \
      wait, verify, logs and diagnose. 'cron' can run what 'monitor' can, and also prune, verify and \
      recover. 'operator' can run all of these, and also activate, restart, pin, unpin, mark, \
      freeze, thaw and remove.
      """,
      """
      A hint gives a command to run only if the key may run it. For any other command, it says to \
      ask an operator, and gives the command for the host.
      """,
      """
      Only 'operator' can use the options that override a refusal: --force and --no-rollback. \
      Other keys can roll back with --to only to a release that is ready, and was live before or \
      was adopted. No key can use --store, --boot, --keep, --keep-within, --no-hooks, --textfile, \
      --wait of 'abort', or --timeout of 'diagnose'. A command that --allow names directly accepts \
      the options of the least privileged role that includes it.
      """,
      """
      A key has at most --max-sessions sessions at the same time, counted by --name; further \
      sessions are refused with exit status 5. An archive must arrive within --max-upload, and its \
      sender may pause no longer than unpack.max-stall of releases.yaml allows; otherwise the \
      archive is discarded.
      """,
    ],
    options: [
      Option(
        .allow, Value("NAMES"), repeatable: true, required: true,
        help: "Commands and roles to allow, separated by commas"),
      Option(.name, Value("NAME"), help: "Name of the key in the journal and the history"),
      Option(
        .maxSessions, Value("N", .number),
        help: "Maximum number of sessions of the key at the same time (default: 8)"),
      Option(
        .maxUpload, Value("DURATION"),
        help: "Maximum time for an archive to arrive (default: 1h)"),
    ],
    examples: [
      (
        "releases gate --allow ci --name github --store /opt/diting",
        "Write this into command= in authorized_keys, for a key that deploys"
      )
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let gate = try Gate(allowing: invocation.values(.allow), of: context.commands)
      let key = try invocation.keyName()
      let limits = GateSession(
        key: key, maximum: try invocation.positive(.maxSessions) ?? 8,
        uploadTime: try invocation.duration(.maxUpload)?.seconds ?? 3600)
      let request = context.variables[Gate.requestVariable] ?? ""
      let accepted: Gate.Request
      do throws(ReleasesError) {
        guard ProcessFacts.isUTF8(variables: [Gate.requestVariable]) else {
          throw ReleasesError(.notAllowed, "the command line is not UTF-8")
        }
        accepted = try gate.request(request)
      } catch {
        throw refused(request, error, invocation)
      }
      throw replaceProcess(accepted, limits, invocation.values(.allow), context)
    })
}

/// Prints the document of a refusal if the client asked for JSON. What the client can't parse is
/// searched for the option without regard to quotes.
///
/// - Returns: the error to report, whose hint does not name the store: the client can't either.
private func refused(
  _ request: String, _ error: ReleasesError, _ invocation: Invocation
) -> ReleasesError {
  let words = request.split { $0.isWhitespace || "'\";|&\\".contains($0) }.map(String.init)
  if OutputFormat.requested(by: words) == .json, invocation.format != .json {
    try? StandardStream.output.write(try json(ErrorReport(error, for: .local)))
  }
  return error.hint.map { error.with($0.withoutStore) } ?? error
}

extension Hint {
  /// The hint with its command as a client types it.
  fileprivate var withoutStore: Hint {
    command(for: .local).map { Hint(text, shell: $0) } ?? self
  }
}

extension Invocation {
  /// Returns the name of the key that the journal gets; nil if none was given.
  ///
  /// - Throws: `usage` for a name longer than 40 bytes, or with characters other than ASCII letters,
  ///   digits and `._@+-`.
  fileprivate func keyName() throws(ReleasesError) -> String? {
    guard let name = value(.name) else { return nil }
    let isPlain =
      name.utf8.count <= 40
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789._@+-".unicodeScalars.contains($0))
      }
    guard isPlain else {
      throw ReleasesError(
        .usage, "invalid key name: \(name)",
        hint: "use at most 40 letters, digits and characters of . _ @ + -")
    }
    return name
  }
}

/// Replaces this process by the command that was requested, with only a few environment variables.
///
/// - Returns: the reason for a failure; a success does not return.
private func replaceProcess(
  _ request: Gate.Request, _ session: GateSession, _ allowed: [String], _ context: Context
) -> ReleasesError {
  let kept = ["USER", "LOGNAME", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "NO_COLOR", "TZ"]
  var variables = context.variables.filter { kept.contains($0.key) }
  variables["PATH"] = HostProgram.allDirectories.joined(separator: ":")
  // Not by --store: hints would name that option, and the gate refuses it.
  variables["RELEASES_STORE"] = context.storePath
  var session = session
  session.roles = request.roles
  session.allowed = allowed
  variables.merge(session.variables) { $1 }
  let error = ProcessFacts.replace(
    by: "/proc/self/exe", ["releases"] + request.arguments, variables)
  if error.errno == .noEntry, !HostFacts.hasProc { return ReleasesError(hiddenProc: error) }
  return ReleasesError("can't start the command", error)
}
