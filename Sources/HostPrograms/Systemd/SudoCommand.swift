package import Configuration
internal import Linux

/// A command that a hook runs with sudo(8), and that sudo can be asked about.
package struct SudoCommand: Equatable, Sendable {
  /// How long sudo may take to answer, in seconds.
  private static let timeLimit = 2.0
  private static let grace = SupervisedProcess.Grace(atTimeUp: 0.2, whenStopped: 0.2)

  /// The program and its arguments.
  package let words: [String]

  /// Takes the command of a hook apart.
  ///
  /// - Parameter command: the command of the hook; nil is returned for one that does not begin with
  ///   sudo, gives sudo an option other than `-n`, or needs a shell to be understood.
  package init?(_ command: Configuration.Command) {
    var words: [String]
    switch command {
    case .arguments(let arguments): words = arguments
    case .shell(let line):
      var line = line[...]
      while line.last?.isWhitespace == true { line.removeLast() }
      words = line.split(separator: " ").map(String.init)
    }
    guard ["sudo", "/usr/bin/sudo"].contains(words.first), words.allSatisfy(\.isPlain) else {
      return nil
    }
    words.removeFirst()
    while ["-n", "--non-interactive"].contains(words.first) { words.removeFirst() }
    // An option, a variable, or a program whose directory depends on the release.
    guard let program = words.first, !program.hasPrefix("-"), !program.contains("="),
      program.hasPrefix("/") || !program.contains("/")
    else { return nil }
    self.words = words
  }

  /// Asks sudo whether this user may run the command without a password, without running it.
  ///
  /// - Parameter caller: what sudo gets from the caller.
  /// - Returns: whether sudo refuses it; false, too, if sudo can't be asked or can't say.
  package func isRefused(_ caller: CallerEnvironment) -> Bool {
    var answer: [UInt8] = []
    guard let program = HostProgram.find("sudo", in: caller.programDirectories),
      let root = try? Descriptor.openDirectory("/"),
      let process = try? SupervisedProcess(
        program, ["sudo", "-n", "-l", "--"] + words, environment: HostProgram.environment,
        directory: root)
    else { return false }
    let outcome = process.run(
      within: Self.timeLimit, grace: Self.grace, stop: { false }, output: { answer += $0 })
    guard case .exited(1)? = outcome.ending else { return false }
    // sudo is silent about a command that no rule permits to a user with other rules.
    return answer.isEmpty
      || String(decoding: answer, as: UTF8.self).contains("sudo: a password is required")
  }

  /// Returns the line of sudoers(5) that permits the command.
  ///
  /// - Parameters:
  ///   - user: the name of the user; nil if the host has no name for the ID.
  ///   - userID: the ID of the user.
  /// - Returns: nil if the host has no such program.
  package func rule(user: String?, userID: UInt32) -> SudoersLine? {
    guard let name = words.first,
      let program = name.hasPrefix("/")
        ? name : HostProgram.find(name, in: HostProgram.allDirectories)
    else { return nil }
    return SudoersLine(
      user: user, userID: userID, program: program, arguments: Array(words.dropFirst()))
  }
}

extension String {
  /// Whether neither a shell nor sudoers(5) takes a character of the word for anything else.
  fileprivate var isPlain: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "/._-+@,:=".utf8.contains(byte)
      }
  }
}
