internal import ReleaseStore

/// Turns arguments into an invocation, or says what is wrong with them. It has no effects and asks
/// nothing of the outside: what the values mean for a store is for the commands to find out.
///
/// GNU style, with two rules against slips: long options can't be abbreviated, and a value that
/// begins with `-` has to be attached (`--ref=-x`), so that `--to $UNSET --force` is an error.
struct Parser: Sendable {
  var commands = CommandTable.commands
  var globalOptions = CommandTable.globalOptions

  /// Throws `usage`. `--help` and `--version` win over whatever else is wrong.
  func parse(_ arguments: [String]) throws(ReleasesError) -> Invocation {
    var reading = Reading(parser: self, rest: arguments[...])
    var complaint: ReleasesError?
    while let argument = reading.rest.popFirst() {
      if reading.namesCommand(argument) {
        reading.command = try command(named: argument)
        continue
      }
      do throws(ReleasesError) {
        try reading.take(argument)
      } catch {
        complaint = complaint ?? error
      }
    }
    if let informing = reading.informing, reading.command != nil || complaint == nil {
      return informing
    }
    if let complaint { throw complaint }
    return try reading.invocation()
  }

  /// Throws `usage`, naming the command that was probably meant.
  func command(named name: String) throws(ReleasesError) -> Command {
    if let command = commands.first(where: { $0.name == name }) { return command }
    if name.isEmpty { throw usage("the name of the command is empty") }
    let known = commands.filter { $0.group != nil }.map(\.name)
    let meant = nearestName(to: name, among: known) ?? known.first { $0.hasPrefix(name) }
    throw usage("unknown command: \(name)", meant: meant)
  }

  func usage(
    _ message: String, meant: String? = nil, in command: Command? = nil
  ) -> ReleasesError {
    let see = "releases help" + (command.map { " " + $0.name } ?? "")
    let hint = meant.map { "did you mean \($0)? see: \(see)" } ?? "see: \(see)"
    return ReleasesError(.usage, message, hint: hint)
  }
}

/// How far the parser has come.
struct Reading {
  let parser: Parser
  var rest: ArraySlice<String>
  var command: Command?
  private var operands: [String] = []
  private var given: GivenOptions = [:]
  private var optionsHaveEnded = false

  init(parser: Parser, rest: ArraySlice<String>) {
    self.parser = parser
    self.rest = rest
  }

  func namesCommand(_ argument: String) -> Bool {
    command == nil && (optionsHaveEnded || !looksLikeOption(argument))
  }

  /// The invocation that `--help` or `--version` turns everything else into.
  var informing: Invocation? {
    if given[.help] != nil {
      return Invocation(command: .help, operands: command.map { [$0.name] } ?? [], given: given)
    }
    if given[.version] != nil { return Invocation(command: .version, given: given) }
    return nil
  }

  mutating func take(_ argument: String) throws(ReleasesError) {
    if optionsHaveEnded || !looksLikeOption(argument) {
      operands.append(argument)
    } else if argument == "--" {
      optionsHaveEnded = true
    } else if argument.hasPrefix("--") {
      try takeLong(argument)
    } else {
      try takeShort(argument)
    }
  }

  /// Throws `usage` for what can be judged only once everything was read.
  func invocation() throws(ReleasesError) -> Invocation {
    guard let command else {
      throw ReleasesError(.usage, "no command was given", hint: "see: releases help")
    }
    try checkOperands(of: command)
    for option in options {
      if option.isRequired && given[option.name] == nil {
        throw usage("\(command.name) needs \(option.synopsis)")
      }
      guard given[option.name] != nil else { continue }
      for other in option.excludes where given[other] != nil {
        throw usage("\(option.long) and \(other.long) can't be given together")
      }
    }
    return Invocation(command: command, operands: operands, given: given)
  }
}

// MARK: - Options

extension Reading {
  private var options: [Option] { (command?.options ?? []) + parser.globalOptions }

  private mutating func takeLong(_ argument: String) throws(ReleasesError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let long = String(parts[0])
    let attached = parts.count == 2 ? String(parts[1]) : nil
    guard let option = options.first(where: { $0.long == long }) else {
      throw unknownOption(long) { $0.long == long }
    }
    if option.value != nil {
      try takeValue(of: option, typed: long, attached: attached)
    } else if attached != nil {
      throw usage("\(long) takes no value")
    } else {
      given[option.name] = []
    }
  }

  /// A bundle of flags, of which the last may be an option with a value: `-qn`, `-s PATH`,
  /// `-sPATH`.
  private mutating func takeShort(_ argument: String) throws(ReleasesError) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw unknownOption("-\(letter)") { $0.short == letter }
      }
      if option.value != nil {
        return try takeValue(
          of: option, typed: "-\(letter)", attached: letters.isEmpty ? nil : String(letters))
      }
      given[option.name] = []
    }
  }

  private mutating func takeValue(
    of option: Option, typed: String, attached: String?
  ) throws(ReleasesError) {
    guard let value = option.value else { return }
    let text: String
    if let attached {
      text = attached
    } else if let next = rest.first, !looksLikeOption(next) {
      text = next
      rest.removeFirst()
    } else {
      throw usage("\(typed) needs a value: \(option.synopsis)")
    }
    try check(text, value.kind, calling: typed)
    if given[option.name] != nil && !option.isRepeatable {
      throw usage("\(option.long) is given more than once")
    }
    given[option.name, default: []].append(text)
  }

  private func unknownOption(
    _ typed: String, matches: (Option) -> Bool
  ) -> ReleasesError {
    if command == nil, parser.commands.contains(where: { $0.options.contains(where: matches) }) {
      let named = rest.first { name in
        parser.commands.contains { $0.name == name && $0.options.contains(where: matches) }
      }
      return ReleasesError(
        .usage, "\(typed) comes before the command it belongs to",
        hint: "type: releases \(named ?? "COMMAND") \(typed)")
    }
    return usage(
      "unknown option: \(typed)", meant: nearestName(to: typed, among: options.map(\.long)))
  }
}

// MARK: - Values

extension Reading {
  private func checkOperands(of command: Command) throws(ReleasesError) {
    var rest = operands[...]
    for operand in command.operands {
      let name = operand.value.kind.isWords ? command.name : operand.value.placeholder
      switch operand.arity {
      case .one where rest.isEmpty:
        throw usage("\(command.name) needs \(operand.value.placeholder)")
      case .one, .optional:
        if let text = rest.popFirst() { try check(text, operand.value.kind, calling: name) }
      case .any:
        while let text = rest.popFirst() { try check(text, operand.value.kind, calling: name) }
      }
    }
    if let extra = rest.first {
      // `releases rollback ID` and `releases freeze WHY` are understood, though not carried out.
      if let option = command.options.first(where: { $0.name == .to || $0.isRequired }),
        command.operands.isEmpty, given[option.name] == nil
      {
        throw ReleasesError(
          .usage, "\(command.name) takes no operand: \(extra)",
          hint: "type: releases \(command.name) \(option.long) \(quotedForShell(extra))")
      }
      throw usage(
        command.operands.isEmpty
          ? "\(command.name) takes no operand: \(extra)" : "one operand too many: \(extra)")
    }
  }

  private func check(
    _ text: String, _ kind: ValueKind, calling name: String
  ) throws(ReleasesError) {
    if text.isEmpty { throw usage("\(name) is empty") }
    switch kind {
    case .text, .file, .directory, .releases: return
    case .commands: _ = try parser.command(named: text)
    case .number:
      guard text.utf8.allSatisfy({ (48...57).contains($0) }), Int(text) != nil else {
        throw usage("\(name) takes a whole number, not \(text)")
      }
    case .words(let words):
      guard words.contains(text) else {
        throw usage(
          "\(name) takes \(alternatives(words)), not \(text)",
          meant: nearestName(to: text, among: words))
      }
    }
  }

  private func usage(_ message: String, meant: String? = nil) -> ReleasesError {
    parser.usage(message, meant: meant, in: command)
  }
}

/// Such as "text, json or github".
private func alternatives(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// `-` alone is an operand: standard input.
private func looksLikeOption(_ argument: String) -> Bool {
  argument.hasPrefix("-") && argument != "-"
}
