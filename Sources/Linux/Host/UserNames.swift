extension ProcessFacts {
  /// What passwd(5) calls the effective user.
  package static var userName: String? { name(of: effectiveUser) }

  private static func name(of user: UserID) -> String? { Account.of(user)?.name }

  /// What passwd(5) calls the user a process runs as, or the number; nil when it is gone.
  package static func userName(of pid: Int32) -> String? {
    guard let owner = try? status(ofPath: "/proc/\(pid)").owner else { return nil }
    return name(of: owner) ?? "uid \(owner)"
  }
}
