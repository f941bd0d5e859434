/// A line of passwd(5). Read here, since a static binary can't load the modules that getpwuid(3)
/// may ask for.
package struct Account: Sendable {
  package let name: String
  package let group: GroupID?
  /// Empty where the line has none; so is the shell.
  package let home: String
  package let shell: String

  /// Nil for a user that is not in it.
  package static func of(_ user: UserID) -> Account? {
    guard let text = try? ProcessFacts.readText("/etc/passwd") else { return nil }
    let own = String(user)
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard fields.count > 2, fields[2] == own else { continue }
      return Account(
        name: fields[0], group: fields.count > 3 ? GroupID(fields[3]) : nil,
        home: fields.count > 5 ? fields[5] : "", shell: fields.count > 6 ? fields[6] : "")
    }
    return nil
  }
}
