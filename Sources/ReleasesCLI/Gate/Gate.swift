internal import CommandLineKit
internal import ReleaseModel
internal import Text

/// The commands that an SSH key may run whose forced command is `releases gate`.
struct Gate: Sendable {
  /// The variable in which sshd passes the command that the client asked for.
  static let requestVariable = "SSH_ORIGINAL_COMMAND"

  private let commands: CommandSet
  /// The roles with which the key may run each command, by its name. They decide about options.
  private let grants: [String: Set<Role>]

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
    var grants: [String: Set<Role>] = [commands.help.name: [], commands.version.name: []]
    for name in names.flatMap({ $0.split(separator: ",").map(String.init) }) {
      if let role = Role(rawValue: name) {
        for command in commandNames(of: role) {
          grants[command, default: []].formUnion(role.included)
        }
      } else if let command = commands.all.first(where: { $0.name == name }),
        grantable.contains(name)
      {
        // The name of a command grants no more of it than the least privileged role that has it.
        grants[name, default: []].formUnion(command.roles.first?.included ?? [])
      } else {
        let known = Role.allCases.map(\.rawValue) + grantable.sorted()
        throw ReleasesError(
          .usage, "--allow takes commands and roles, not \(name)",
          hint: "use one of \(known.joined(separator: ", "))")
      }
    }
    self.commands = commands
    self.grants = grants
  }

  /// Returns whether a key may run a command line, for the hints of a command that the gate has
  /// started.
  ///
  /// - Parameters:
  ///   - session: the session of the key; nil if the gate has not started this process.
  ///   - commands: all commands.
  /// - Returns: nil without a session.
  static func permits(
    _ session: GateSession?, _ commands: CommandSet
  ) -> (@Sendable (String) -> Bool)? {
    guard let session else { return nil }
    let gate = try? Gate(allowing: session.allowed, of: commands)
    return { line in (try? gate?.request(line)) != nil }
  }

  /// Returns the names of the commands that a key may run, for a command that the gate has started.
  ///
  /// - Parameters:
  ///   - session: the session of the key; nil if the gate has not started this process.
  ///   - commands: all commands.
  /// - Returns: nil without a session.
  static func permittedNames(_ session: GateSession?, _ commands: CommandSet) -> Set<String>? {
    session.map { session in
      (try? Gate(allowing: session.allowed, of: commands)).map { Set($0.grants.keys) } ?? []
    }
  }

  /// A request that the key may make.
  struct Request: Sendable {
    /// The arguments, without the name of the program.
    let arguments: [String]
    /// The roles with which the key runs the command.
    let roles: Set<Role>
  }

  /// Returns a request that the key may make.
  ///
  /// - Throws: `usage` for a mistake in the arguments of a command that the key may run, `notAllowed` for
  ///   every other request.
  func request(_ request: String) throws(ReleasesError) -> Request {
    var arguments = try ShellWords.split(request)
    if arguments.first == commands.program.name { arguments.removeFirst() }
    if arguments.isEmpty { throw refusal("this key can't open a shell") }
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try commands.parse(arguments).1
    } catch {
      let error = ReleasesError(error)
      if isUnknownCommand(arguments) { throw refusal(error.message) }
      // Only the first argument is certainly the command, and not the value of an option.
      if arguments.first.flatMap({ grants[$0] }) != nil { throw error }
      throw ReleasesError(.notAllowed, error.message, hint: error.hint)
    }
    return Request(arguments: arguments, roles: try check(invocation))
  }

  /// Whether the arguments name no command, and none that the key may run was probably meant.
  private func isUnknownCommand(_ arguments: [String]) -> Bool {
    guard let name = arguments.first(where: { !$0.hasPrefix("-") }) else { return false }
    do throws(UsageError) {
      _ = try commands.program.command(named: name)
      return false
    } catch {
      return error.suggestion.flatMap { grants[$0] } == nil
    }
  }

  /// Checks the command, its options and its operands.
  ///
  /// - Returns: the roles with which the key may run it.
  /// - Throws: `notAllowed` when the key may not run it.
  private func check(_ invocation: Invocation) throws(ReleasesError) -> Set<Role> {
    let command = invocation.command
    guard let roles = grants[command.name] else {
      throw refusal("this key may not run the command \(command.name)")
    }
    for option in command.options + commands.program.globalOptions
    where invocation.optionNames.contains(option.name) {
      guard option.remote.isPermitted(to: Set(roles.map(\.rawValue))) else {
        let isGrantable = option.remote.isPermitted(to: Set(Role.allCases.map(\.rawValue)))
        throw ReleasesError(
          .notAllowed, "this key may not use the option \(option.long)",
          hint: isGrantable
            ? "leave out \(option.long), or ask an operator to run \(command.name) with it on the host"
            : "leave out \(option.long); no key may use it")
      }
      guard let value = option.value else { continue }
      for text in invocation.values(option.name) where !value.isRemote(text) {
        throw ReleasesError(
          .notAllowed, "this key may not name a file on the host: \(option.long) \(text)",
          hint: value.remoteForm == .inline
            ? "pass the content itself, as \(option.long) base64:TEXT"
            : value.kind == .directory
              ? "leave out \(option.long); no key may use it" : "pass - to use the connection")
      }
    }
    for (number, text) in invocation.operands.enumerated() {
      let operand = command.operands[min(number, command.operands.count - 1)]
      guard operand.value.isRemote(text) else {
        throw ReleasesError(
          .notAllowed, "this key may not name a file on the host, only -: \(text)",
          hint: Hint(
            "send it through the connection",
            shell: "\(commands.program.name) \(command.name) - <ARCHIVE"))
      }
    }
    return roles
  }

  private func refusal(_ message: Message) -> ReleasesError {
    let names = Set(grants.keys).subtracting([commands.help.name, commands.version.name]).sorted()
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
