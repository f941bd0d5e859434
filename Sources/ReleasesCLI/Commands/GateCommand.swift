internal import CommandLineKit
internal import Linux
internal import ReleaseModel
internal import StoreSupport

extension Command {
  static let gate = Command(
    name: "gate",
    summary: "do what an SSH key may do here, and nothing else",
    group: .assist,
    details: [
      """
      The forced command of a key in authorized_keys, see sshd(8): whoever comes with that key \
      gets no shell, and only the commands that --allow names, with the store that is set here. \
      What was asked for is taken apart like a shell would, without one, and refused with exit \
      status 3 where it would be expanded, redirected or followed by another command.
      """,
      """
      In authorized_keys, 'restrict,command="releases gate --allow ci"' stands before the key, so \
      that it forwards nothing either.
      """,
      """
      Options that choose another store, or a file of the host, are refused: archives come through \
      standard input, signatures as base64:TEXT. The name of the key stands beside the user's in \
      the journal and the history.
      """,
      """
      --allow takes commands and roles: 'monitor' looks; 'ci' also deploys, unpacks, prepares, \
      rolls back, aborts, verifies and diagnoses; 'cron' also prunes, verifies and recovers; \
      'operator' may do all of that, and activate, pin, mark, freeze, thaw and remove.
      """,
    ],
    options: [
      Option(
        .allow, Value("NAMES"), repeatable: true, required: true,
        help: "the commands and roles, separated by commas"),
      Option(.name, Value("NAME"), help: "what the journal calls the key"),
    ],
    examples: [
      (
        "releases gate --allow ci --name github --store /opt/diting",
        "in authorized_keys, in command=, before a key that deploys"
      )
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let gate = try Gate(allowing: invocation.values(.allow), of: context.commands)
      let key = try invocation.keyName()
      let request = context.variables[Gate.requestVariable] ?? ""
      let arguments: [String]
      do throws(ReleasesError) {
        guard ProcessFacts.isUTF8(variables: [Gate.requestVariable]) else {
          throw ReleasesError(.notAllowed, "the command line is not UTF-8")
        }
        arguments = try gate.arguments(of: request)
      } catch {
        if OutputFormat.requested(by: request.split(separator: " ").map(String.init)) == .json {
          try? StandardStream.output.write(try json(ErrorReport(error, store: nil)))
        }
        throw error
      }
      throw replaceProcess(arguments, key: key, context)
    })
}

extension Invocation {
  fileprivate func keyName() throws(ReleasesError) -> String? {
    guard let name = value(.name) else { return nil }
    let isPlain =
      name.utf8.count <= 40
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789._@+-".unicodeScalars.contains($0))
      }
    guard isPlain else {
      throw ReleasesError(
        .usage, "\(name) can't be the name of a key",
        hint: "letters, digits and . _ @ + -, 40 at most")
    }
    return name
  }
}

/// Replaces this process by the command that was requested, with only a few variables. Returns only
/// on failure, with the reason.
private func replaceProcess(
  _ arguments: [String], key: String?, _ context: Context
) -> ReleasesError {
  let kept = ["USER", "LOGNAME", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "NO_COLOR", "TZ"]
  var variables = context.variables.filter { kept.contains($0.key) }
  variables["PATH"] = HostProgram.allDirectories.joined(separator: ":")
  // Not by --store: hints would name it, and whoever comes through here must not.
  variables["RELEASES_STORE"] = context.storePath
  variables[Context.keyVariable] = key
  let error = ProcessFacts.replace(by: "/proc/self/exe", ["releases"] + arguments, variables)
  if error.errno == .noEntry, !HostFacts.hasProc { return ReleasesError(hiddenProc: error) }
  return ReleasesError("can't start the command", error)
}
