extension ProcessFacts {
  /// The name of the effective user; nil if passwd(5) does not list the user.
  package static var userName: String? { name(of: effectiveUser) }

  private static func name(of user: UserID) -> String? { Account.of(user)?.name }

  /// Returns the name of the user that a process runs as, or `uid` and the number if passwd(5) does
  /// not list the user. Returns nil when the process does not exist.
  package static func userName(of pid: Int32) -> String? {
    guard let owner = try? status(ofPath: "/proc/\(pid)").owner else { return nil }
    return name(of: owner) ?? "uid \(owner)"
  }
}
