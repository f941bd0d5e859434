internal import Text

/// A user account; see passwd(5). The files are read directly, since a static binary can't load the
/// modules that getpwuid(3) may need; ``NameService`` asks the other sources.
package struct Account: Equatable, Sendable {
  /// The login name.
  package let name: String
  /// The primary group; nil if the line has none.
  package let group: GroupID?
  /// The home directory; empty if the line has none.
  package let home: String
  /// The login shell; empty if the line has none.
  package let shell: String

  package init(name: String, group: GroupID?, home: String, shell: String) {
    (self.name, self.group, self.home, self.shell) = (name, group, home, shell)
  }

  /// Reads a line of passwd(5), which is also what getent(1) prints. Returns nil for any other
  /// line, such as a comment or a reference to another source (`+`, `-`); the C library skips those
  /// too.
  package init?(line: ArraySlice<UInt8>) {
    let fields = Self.fields(of: line)
    guard fields.count > 2, Self.isEntry(line) else { return nil }
    self.init(
      name: fields[0], group: fields.count > 3 ? GroupID(fields[3]) : nil,
      home: fields.count > 5 ? fields[5] : "", shell: fields.count > 6 ? fields[6] : "")
  }

  /// Returns the account of a user in `/etc/passwd`; nil if the file does not list the user.
  package static func of(_ user: UserID) -> Account? {
    let own = String(user)
    return lines(of: "/etc/passwd")
      .first { isEntry($0) && fields(of: $0).dropFirst(2).first == own }
      .flatMap { Account(line: $0) }
  }

  /// Returns the primary group to use for a user: that of the account, or, if it is unknown, the
  /// group of a directory that belongs to the user, if it has the number of the user and no name on this
  /// host. Any other group may be one in which the user is no member: a directory inherits it from the
  /// one above, or keeps it after a plain `chown USER`.
  package static func group(of account: Account?, directory status: FileStatus) -> GroupID {
    if let group = account?.group { return group }
    let nobody: GroupID = 65534
    return status.group == status.owner && !isNamed(status.group) ? status.group : nobody
  }

  /// Whether `/etc/group` lists a group.
  private static func isNamed(_ group: GroupID) -> Bool { name(of: group) != nil }

  /// Returns the name of a group in `/etc/group`; nil if the file does not list it.
  package static func name(of group: GroupID) -> String? {
    lines(of: "/etc/group").first {
      isEntry($0) && fields(of: $0).dropFirst(2).first.flatMap { GroupID($0) } == group
    }.flatMap { fields(of: $0).first }
  }

  /// Returns whether only one user acts with the rights of a group, as far as the host's files tell:
  /// it is the primary group of that user and of no other, and lists no other member.
  package static func isPrivate(group: GroupID, of user: UserID) -> Bool {
    isPrivate(group: group, of: user, users: lines(of: "/etc/passwd"), lines(of: "/etc/group"))
  }

  /// Returns the same as ``isPrivate(group:of:)`` for these lines of passwd(5) and group(5).
  package static func isPrivate(
    group: GroupID, of user: UserID, users: [ArraySlice<UInt8>], _ groups: [ArraySlice<UInt8>]
  ) -> Bool {
    let (user, group) = (String(user), String(group))
    let holders = users.filter(isEntry).map { fields(of: $0) }
      .filter { $0.count > 3 && $0[3] == group }
    guard holders.count == 1, let holder = holders.first, holder[2] == user else { return false }
    for line in groups where isEntry(line) {
      let entry = fields(of: line)
      guard entry.count > 3, entry[2] == group else { continue }
      for member in entry[3].split(separator: ",") where member != holder[0] { return false }
    }
    return true
  }

  /// Returns the groups that list a user name as a member in `/etc/group`, in the order of the
  /// file.
  package static func groups(listing name: String) -> [GroupID] {
    groups(listing: name, in: lines(of: "/etc/group"))
  }

  /// Returns the groups that list a user name as a member in these lines of group(5), in their
  /// order.
  package static func groups(
    listing name: String, in lines: [ArraySlice<UInt8>]
  ) -> [GroupID] {
    lines.filter(isEntry).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      // Compare bytes: as strings, names that are not UTF-8 could be equal.
      guard fields.count > 3,
        fields[3].split(separator: UInt8(ascii: ",")).contains(where: {
          $0.elementsEqual(name.utf8)
        })
      else { return nil }
      return GroupID(String(decoding: fields[2], as: UTF8.self))
    }
  }

  private static func isEntry(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first else { return false }
    return !"#+-:".utf8.contains(first)
  }

  private static func lines(of path: String) -> [ArraySlice<UInt8>] {
    guard let bytes = try? Descriptor.open(path).readAll() else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n"))
  }

  private static func fields(of line: ArraySlice<UInt8>) -> [String] {
    line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
