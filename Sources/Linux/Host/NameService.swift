/// Looks users up in sources other than the host's files (LDAP, SSSD, systemd-homed), with
/// getent(1): a static binary can't load the modules for them.
package enum NameService {
  /// How long to wait for a directory server that does not answer, in seconds.
  private static let timeout = 5.0

  /// Returns the account of a user; nil if the host does not know the user, or the lookup fails.
  package static func account(
    of user: UserID, programs: [String] = HostProgram.directories
  ) -> Account? {
    query(["passwd", String(user)], programs).flatMap { answer in
      answer.split(separator: UInt8(ascii: "\n")).first.flatMap { Account(line: $0) }
    }
  }

  /// Returns all supplementary groups of a user; see initgroups(3); nil if the lookup fails.
  package static func groups(
    of name: String, programs: [String] = HostProgram.directories
  ) -> [GroupID]? {
    query(["initgroups", name], programs).flatMap { groups(in: $0, of: name) }
  }

  /// Parses the output of getent(1), such as `deploy   1001 27`. Returns nil for any other text.
  package static func groups(in answer: [UInt8], of name: String) -> [GroupID]? {
    guard let line = answer.split(separator: UInt8(ascii: "\n")).first else { return nil }
    let rest = line.dropFirst(name.utf8.count)
    guard line.starts(with: name.utf8), rest.first.map(isBlank) != false else { return nil }
    let fields = rest.split(whereSeparator: isBlank)
    let groups = fields.compactMap { GroupID(String(decoding: $0, as: UTF8.self)) }
    // The highest number means "no group"; see setgid(2).
    return groups.count == fields.count ? groups.filter { $0 != .max } : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// Returns the output of getent(1); nil if the program is missing or fails.
  private static func query(_ question: [String], _ programs: [String]) -> [UInt8]? {
    guard let program = HostProgram.find("getent", in: programs),
      let nothing = try? Descriptor.open("/dev/null"),
      let result = try? CapturedProcess(
        program, ["getent", "--"] + question, environment: HostProgram.environment,
        input: nothing
      ).result(within: timeout),
      result.ending == .exited(0)
    else { return nil }
    return result.output
  }
}
