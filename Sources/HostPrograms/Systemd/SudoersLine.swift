/// A line of sudoers(5) that lets a user run one command as root without a password.
package struct SudoersLine: CustomStringConvertible {
  /// The name of the user; nil if the host has no name for the ID.
  let user: String?
  let userID: UInt32
  /// The absolute path of the program.
  let program: String
  /// The arguments as the command is given, since sudo compares each word.
  let arguments: [String]

  /// Makes the line that lets a user reset the start limit of a unit.
  ///
  /// - Parameters:
  ///   - user: the name of the user; nil if the host has no name for the ID.
  ///   - userID: the ID of the user.
  ///   - unit: the name of the unit in the configuration.
  package init(user: String? = nil, userID: UInt32, unit: String) {
    self.init(
      user: user, userID: userID, program: StartLimitReset.program,
      arguments: ["reset-failed", unit])
  }

  init(user: String?, userID: UInt32, program: String, arguments: [String]) {
    self.user = user
    self.userID = userID
    self.program = program
    self.arguments = arguments
  }

  package var description: String {
    let who = user.map { Self.escaped($0, "\\,:=!()@#\" ") } ?? "#\(userID)"
    // In the arguments of a command, fnmatch(3) interprets backslashes too. Without any argument, the
    // line would permit all.
    let words =
      arguments.isEmpty
      ? ["\"\""]
      : arguments.map { argument in
        argument.split(separator: "\\", omittingEmptySubsequences: false)
          .map { Self.escaped(String($0), ",:=") }.joined(separator: "\\\\\\\\")
      }
    let command = [Self.escaped(program, ",:=")] + words
    return "\(who) ALL=(root) NOPASSWD: \(command.joined(separator: " "))"
  }

  private static func escaped(_ text: String, _ special: String) -> String {
    text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
