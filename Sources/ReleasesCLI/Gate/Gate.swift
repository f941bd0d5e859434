internal import CommandLineKit
internal import ReleaseModel

/// The commands that an SSH key may run whose forced command is `releases gate`.
struct Gate: Sendable {
  /// The variable in which sshd passes the command that the client asked for.
  static let requestVariable = "SSH_ORIGINAL_COMMAND"

  private let commands: CommandSet
  /// The names of the commands that the key may run.
  private let allowed: Set<String>

  /// Creates the gate of a key.
  ///
  /// - Parameters:
  ///   - names: names of commands and roles, separated by commas.
  ///   - commands: all commands.
  /// - Throws: `usage` for any other name.
  init(allowing names: [String], of commands: CommandSet) throws(ReleasesError) {
    func commandNames(of role: Role) -> [String] {
      commands.all.filter { command in command.roles.contains(where: role.included.contains) }
        .map(\.name)
    }
    let grantable = commandNames(of: .operator)
    var allowed: Set<String> = [commands.help.name, commands.version.name]
    for name in names.flatMap({ $0.split(separator: ",").map(String.init) }) {
      if let role = Role(rawValue: name) {
        allowed.formUnion(commandNames(of: role))
      } else if grantable.contains(name) {
        allowed.insert(name)
      } else {
        let known = Role.allCases.map(\.rawValue) + grantable.sorted()
        throw ReleasesError(
          .usage, "--allow takes commands and roles, not \(name)",
          hint: "use one of \(known.joined(separator: ", "))")
      }
    }
    self.commands = commands
    self.allowed = allowed
  }

  /// Returns the arguments of a request that the key may run, without the name of the program.
  ///
  /// - Throws: `notAllowed` for every other request.
  func arguments(of request: String) throws(ReleasesError) -> [String] {
    var arguments = try ShellWords.split(request)
    if arguments.first == commands.program.name { arguments.removeFirst() }
    if arguments.isEmpty { throw refusal("this key can't open a shell") }
    let invocation: Invocation
    do throws(ReleasesError) {
      invocation = try commands.resolve(arguments).1
    } catch {
      throw ReleasesError(.notAllowed, error.message, hint: error.hint)
    }
    try check(invocation)
    return arguments
  }

  /// Checks the command, its options and its operands.
  ///
  /// - Throws: `notAllowed` when the key may not run it.
  private func check(_ invocation: Invocation) throws(ReleasesError) {
    let command = invocation.command
    guard allowed.contains(command.name) else {
      throw refusal("this key may not run the command \(command.name)")
    }
    for option in command.options + commands.program.globalOptions
    where invocation.optionNames.contains(option.name) {
      guard option.isRemote else { throw refusal("this key may not use the option \(option.long)") }
      guard let value = option.value else { continue }
      for text in invocation.values(option.name) where !value.isRemote(text) {
        throw refusal("this key may not name a file on the host: \(option.long) \(text)")
      }
    }
    for (number, text) in invocation.operands.enumerated() {
      let operand = command.operands[min(number, command.operands.count - 1)]
      guard operand.value.isRemote(text) else {
        throw refusal("this key may not name a file on the host, only -: \(text)")
      }
    }
  }

  private func refusal(_ message: String) -> ReleasesError {
    let names = allowed.subtracting([commands.help.name, commands.version.name]).sorted()
    return ReleasesError(
      .notAllowed, message, hint: "this key may run \(names.joined(separator: ", "))")
  }
}

extension Value {
  /// Returns whether the text names no file on the host.
  fileprivate func isRemote(_ text: String) -> Bool {
    switch (kind, remoteForm) {
    case (.file, .stream): text == "-"
    case (.file, .inline): text.hasPrefix("base64:")
    case (.file, nil), (.directory, _): false
    case (.text, _), (.number, _), (.listed, _), (.commands, _), (.words, _): true
    }
  }
}
