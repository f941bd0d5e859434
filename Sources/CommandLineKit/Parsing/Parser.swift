internal import Text

/// Reads command lines. It has no effects, and leaves the meaning of the values to the commands.
///
/// Options follow the GNU style, with two stricter rules against mistakes: long options can't be
/// abbreviated, and a value that begins with `-` must be attached (`--ref=-x`), so that
/// `--to $UNSET --force` is an error.
package struct Parser: Sendable {
  package let program: ProgramDeclaration

  package init(_ program: ProgramDeclaration) { self.program = program }

  /// Reads the arguments of the program. `--help` and `--version` take precedence over any error.
  ///
  /// - Throws: ``UsageError`` for invalid arguments.
  package func parse(_ arguments: [String]) throws(UsageError) -> Request {
    var reading = Reading(program: program, rest: arguments[...])
    var firstError: UsageError?
    while let argument = reading.rest.popFirst() {
      if reading.namesCommand(argument) {
        do throws(UsageError) {
          reading.command = try program.command(named: argument)
        } catch {
          throw corrected(error, arguments, at: arguments.endIndex - reading.rest.count - 1)
        }
        continue
      }
      do throws(UsageError) {
        try reading.take(argument)
      } catch {
        firstError = firstError ?? error
      }
    }
    if let request = reading.informationRequest, reading.command != nil || firstError == nil {
      return request
    }
    if let firstError { throw firstError }
    return .run(try reading.invocation())
  }

  /// Returns the error for an unknown command, with the whole command line that was probably meant if
  /// that is valid.
  private func corrected(
    _ error: UsageError, _ arguments: [String], at index: Int
  ) -> UsageError {
    guard let suggestion = error.suggestion else { return error }
    var meant = arguments
    meant[index] = suggestion
    guard case .run? = try? parse(meant) else { return error }
    return UsageError(error.message, suggestion: suggestion, purpose: "use", command: meant)
  }
}

extension ProgramDeclaration {
  /// Returns the command with a name.
  ///
  /// - Throws: ``UsageError`` for an unknown name, with the command that was probably meant.
  package func command(named name: String) throws(UsageError) -> CommandDeclaration {
    if let command = commands.first(where: { $0.name == name }) { return command }
    if name.isEmpty { throw UsageError("the name of the command is empty", command: ["help"]) }
    let names = visibleCommands.map(\.name)
    let synonyms = visibleCommands.filter { $0.synonyms.contains(name.lowercased()) }.map(\.name)
    let suggestion =
      choice(of: synonyms) ?? nearestName(to: name, among: names)
      ?? names.first { $0.hasPrefix(name) }
    throw UsageError("unknown command: \(name)", suggestion: suggestion, command: ["help"])
  }
}

/// Returns names as "a, b or c"; nil for none.
private func choice(of names: [String]) -> String? {
  guard let last = names.last else { return nil }
  let others = names.dropLast().joined(separator: ", ")
  return others.isEmpty ? last : "\(others) or \(last)"
}

/// The arguments still to be parsed, and what has been parsed so far.
struct Reading {
  let program: ProgramDeclaration
  var rest: ArraySlice<String>
  var command: CommandDeclaration?
  private var operands: [String] = []
  private var given: GivenOptions = [:]
  private var optionsHaveEnded = false

  init(program: ProgramDeclaration, rest: ArraySlice<String>) {
    self.program = program
    self.rest = rest
  }

  /// Returns whether the argument is the name of the command.
  func namesCommand(_ argument: String) -> Bool {
    command == nil && (optionsHaveEnded || !looksLikeOption(argument))
  }

  /// The request that `--help` or `--version` makes; nil for none.
  var informationRequest: Request? {
    if given[.help] != nil { return .help(command, given) }
    if given[.version] != nil { return .version(given) }
    return nil
  }

  /// Reads one argument, and the next one if that is its value.
  ///
  /// - Throws: ``UsageError`` for an invalid option or value.
  mutating func take(_ argument: String) throws(UsageError) {
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

  /// Returns the invocation after the last argument has been read.
  ///
  /// - Throws: ``UsageError`` for missing or additional operands, for missing required options, and for
  ///   options that exclude each other.
  func invocation() throws(UsageError) -> Invocation {
    guard let command else { throw UsageError("no command was given", command: ["help"]) }
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
  private var options: [Option] { (command?.options ?? []) + program.globalOptions }

  /// Reads a long option: `--flag`, `--option VALUE`, `--option=VALUE`.
  ///
  /// - Throws: ``UsageError`` for an unknown option or an invalid value.
  private mutating func takeLong(_ argument: String) throws(UsageError) {
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

  /// Reads a bundle of flags. The last one may be an option with a value: `-qn`, `-s PATH`, `-sPATH`.
  ///
  /// - Throws: ``UsageError`` for an unknown option or an invalid value.
  private mutating func takeShort(_ argument: String) throws(UsageError) {
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

  /// Reads the value of an option, which is attached or the next argument.
  ///
  /// - Throws: ``UsageError`` for a missing or invalid value, and for an option that is repeated.
  private mutating func takeValue(
    of option: Option, typed: String, attached: String?
  ) throws(UsageError) {
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

  /// Returns the error for an unknown option. It has a special hint if the option was given before its
  /// command.
  private func unknownOption(
    _ typed: String, matches: (Option) -> Bool
  ) -> UsageError {
    if command == nil, program.commands.contains(where: { $0.options.contains(where: matches) }) {
      let named = rest.first { name in
        program.commands.contains { $0.name == name && $0.options.contains(where: matches) }
      }
      return UsageError(
        "\(typed) must be given after its command", purpose: "use",
        command: [named ?? "COMMAND", typed])
    }
    let name = String(typed.drop { $0 == "-" })
    return usage(
      "unknown option: \(typed)",
      suggestion: nearestName(to: name, among: options.map(\.name.text)).map { "--\($0)" })
  }
}

// MARK: - Values

extension Reading {
  /// Checks the number and the values of the operands.
  ///
  /// - Throws: ``UsageError`` for missing, additional and invalid operands.
  private func checkOperands(of command: CommandDeclaration) throws(UsageError) {
    try refuseSwappedOperands(of: command)
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
      // For `rollback ID` and `freeze REASON` the hint contains the correct command.
      if let option = command.options.first(where: { $0.takesStrayOperand }),
        command.operands.isEmpty, given[option.name] == nil
      {
        throw UsageError(
          "\(command.name) takes no operand: \(extra)", purpose: "use",
          command: [command.name, option.long, extra])
      }
      throw usage(
        command.operands.isEmpty
          ? "\(command.name) takes no operand: \(extra)" : "too many operands: \(extra)")
    }
  }

  /// Refuses two operands that would be valid the other way around, such as those of `mark good ID`.
  ///
  /// - Throws: ``UsageError`` with the corrected command line.
  private func refuseSwappedOperands(of command: CommandDeclaration) throws(UsageError) {
    guard operands.count == 2, command.operands.count == 2,
      case .words(let words) = command.operands[1].value.kind,
      words.contains(operands[0]), !words.contains(operands[1])
    else { return }
    let options = (command.options + program.globalOptions).flatMap { option in
      given[option.name].map { values in
        values.isEmpty ? [option.long] : values.flatMap { [option.long, $0] }
      } ?? []
    }
    throw UsageError(
      "\(command.name) takes the operand \(command.operands[0].value.placeholder) first",
      purpose: "use", command: [command.name, operands[1], operands[0]] + options)
  }

  /// Checks a value against its kind.
  ///
  /// - Throws: ``UsageError`` for a value of another kind.
  private func check(
    _ text: String, _ kind: ValueKind, calling name: String
  ) throws(UsageError) {
    if text.isEmpty { throw usage("\(name) is empty") }
    switch kind {
    case .text, .file, .directory, .listed: return
    case .commands: _ = try program.command(named: text)
    case .number:
      guard text.utf8.allSatisfy({ (48...57).contains($0) }), Int(text) != nil else {
        throw usage("\(name) takes a whole number, not \(text)")
      }
    case .words(let words):
      guard words.contains(text) else {
        throw usage(
          "\(name) takes \(alternatives(words)), not \(text)",
          suggestion: nearestName(to: text, among: words))
      }
    }
  }

  private func usage(_ message: String, suggestion: String? = nil) -> UsageError {
    UsageError(
      message, suggestion: suggestion, command: ["help"] + (command.map { [$0.name] } ?? []))
  }
}

/// Joins words with commas and "or", such as "text, json or github".
private func alternatives(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// Returns whether an argument has the form of an option. `-` alone is an operand: standard input.
private func looksLikeOption(_ argument: String) -> Bool {
  argument.hasPrefix("-") && argument != "-"
}
