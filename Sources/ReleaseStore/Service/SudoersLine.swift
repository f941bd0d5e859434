/// The line of sudoers(5) that lets a user clear the start limit of a unit.
struct SudoersLine: CustomStringConvertible {
  /// The name of the user; nil where the host has none for the number.
  let user: String?
  let userID: UInt32
  /// As the configuration names it: the command is compared word for word.
  let unit: String

  var description: String {
    let who = user.map { Self.escaped($0, "\\,:=!()@#\" ") } ?? "#\(userID)"
    // In the arguments of a command a backslash is also one of fnmatch(3)'s.
    let argument = unit.split(separator: "\\", omittingEmptySubsequences: false)
      .map { Self.escaped(String($0), ",:=") }.joined(separator: "\\\\\\\\")
    return "\(who) ALL=(root) NOPASSWD: \(StartLimitReset.program) reset-failed \(argument)"
  }

  private static func escaped(_ text: String, _ special: String) -> String {
    text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
