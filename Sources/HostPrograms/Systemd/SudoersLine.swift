/// The line of sudoers(5) that lets a user reset the start limit of a unit.
package struct SudoersLine: CustomStringConvertible {
  /// The name of the user; nil if the host has no name for the ID.
  let user: String?
  let userID: UInt32
  /// The unit's name in the configuration. It must be the same, since sudo compares each word.
  let unit: String

  /// - Parameters:
  ///   - user: the name of the user; nil if the host has no name for the ID.
  ///   - userID: the ID of the user.
  ///   - unit: the name of the unit in the configuration.
  package init(user: String? = nil, userID: UInt32, unit: String) {
    self.user = user
    self.userID = userID
    self.unit = unit
  }

  package var description: String {
    let who = user.map { Self.escaped($0, "\\,:=!()@#\" ") } ?? "#\(userID)"
    // In the arguments of a command, fnmatch(3) interprets backslashes too.
    let argument = unit.split(separator: "\\", omittingEmptySubsequences: false)
      .map { Self.escaped(String($0), ",:=") }.joined(separator: "\\\\\\\\")
    return "\(who) ALL=(root) NOPASSWD: \(StartLimitReset.program) reset-failed \(argument)"
  }

  private static func escaped(_ text: String, _ special: String) -> String {
    text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
