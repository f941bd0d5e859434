internal import Linux
internal import ReleaseStore

/// What somebody may do who comes with an SSH key that this is the forced command of.
struct Gate: Sendable {
  /// Names the key in the journal. Like the user's name there, it is no authority for anything.
  static let keyVariable = "RELEASES_KEY"
  /// What sshd says that the client asked for.
  static let requestVariable = "SSH_ORIGINAL_COMMAND"

  /// Names of commands.
  let allowed: Set<String>

  /// - Parameter names: commands and roles, separated by commas. Throws `usage` for any other.
  init(allowing names: [String]) throws(ReleasesError) {
    var allowed: Set<String> = [Command.help.name, Command.version.name]
    for name in names.flatMap({ $0.split(separator: ",").map(String.init) }) {
      if let role = Role(rawValue: name) {
        allowed.formUnion(role.commands)
      } else if Role.operator.commands.contains(name) {
        allowed.insert(name)
      } else {
        let known = Role.allCases.map(\.rawValue) + Role.operator.commands.sorted()
        throw ReleasesError(
          .usage, "--allow takes commands and roles, not \(name)",
          hint: "such as: \(known.joined(separator: ", "))")
      }
    }
    self.allowed = allowed
  }

  /// The words of a request that may be carried out, without the program's own name.
  ///
  /// Throws `notAllowed` for every other.
  func words(of request: String) throws(ReleasesError) -> [String] {
    var words = try ShellWords.split(request)
    if words.first == "releases" { words.removeFirst() }
    if words.isEmpty { throw refusal("this key opens no shell") }
    let invocation: Invocation
    do throws(ReleasesError) {
      invocation = try Parser().parse(words)
    } catch {
      throw ReleasesError(.notAllowed, error.message, hint: error.hint)
    }
    try check(invocation)
    return words
  }

  private func check(_ invocation: Invocation) throws(ReleasesError) {
    let command = invocation.command
    guard allowed.contains(command.name) else {
      throw refusal("this key may not \(command.name)")
    }
    for option in command.options + CommandTable.globalOptions
    where invocation.optionNames.contains(option.name) {
      guard option.isRemote else { throw refusal("this key may not choose \(option.long)") }
      guard let value = option.value else { continue }
      for text in invocation.values(option.name) where !value.isRemote(text) {
        throw refusal("\(option.long) \(text) is a file of the host, which this key may not name")
      }
    }
    for (number, text) in invocation.operands.enumerated() {
      let operand = command.operands[min(number, command.operands.count - 1)]
      guard operand.value.isRemote(text) else {
        throw refusal("\(text) is a file of the host; this key sends the archive to -")
      }
    }
  }

  private func refusal(_ message: String) -> ReleasesError {
    let commands = allowed.subtracting([Command.help.name, Command.version.name]).sorted()
    return ReleasesError(
      .notAllowed, message, hint: "it may: \(commands.joined(separator: ", "))")
  }
}

extension Value {
  /// Whether it names nothing of the host.
  fileprivate func isRemote(_ text: String) -> Bool {
    switch (kind, remoteForm) {
    case (.file, .stream): text == "-"
    case (.file, .inline): text.hasPrefix("base64:")
    case (.file, nil), (.directory, _): false
    case (.text, _), (.number, _), (.releases, _), (.commands, _), (.words, _): true
    }
  }
}

/// Commands that some kind of caller needs.
enum Role: String, CaseIterable, Sendable {
  case monitor, ci, cron, `operator`

  var commands: Set<String> {
    switch self {
    case .monitor: ["list", "show", "status", "history", "check", "metrics", "report"]
    case .ci:
      Role.monitor.commands.union([
        "deploy", "unpack", "prepare", "rollback", "abort", "diagnose", "verify",
      ])
    case .cron: Role.monitor.commands.union(["prune", "verify", "recover"])
    case .operator:
      Role.ci.commands.union(Role.cron.commands).union([
        "activate", "pin", "unpin", "mark", "freeze", "thaw", "remove",
      ])
    }
  }
}
