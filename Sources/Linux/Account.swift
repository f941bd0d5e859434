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
    let own = String(user)
    return fields(in: "/etc/passwd") { $0[2] == own }.map { fields in
      Account(
        name: fields[0], group: fields.count > 3 ? GroupID(fields[3]) : nil,
        home: fields.count > 5 ? fields[5] : "", shell: fields.count > 6 ? fields[6] : "")
    }
  }

  /// The number that group(5) gives a name; nil for one that is not in it.
  package static func group(named name: String) -> GroupID? {
    fields(in: "/etc/group") { $0[0] == name }.flatMap { GroupID($0[2]) }
  }

  /// The fields, three at least, of the first line of such a file that is the one meant.
  private static func fields(in path: String, _ isMeant: ([String]) -> Bool) -> [String]? {
    guard let text = try? ProcessFacts.readText(path) else { return nil }
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      if fields.count > 2, isMeant(fields) { return fields }
    }
    return nil
  }
}
