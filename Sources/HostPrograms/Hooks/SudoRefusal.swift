extension HookReport {
  /// Whether the hook failed because sudo(8) does not let its user run a command. Only what sudo writes
  /// says so; another language than English is not recognized.
  package var isRefusedBySudo: Bool {
    !isSuccess && lastLines.contains { line in Self.refusals.contains { line.contains($0) } }
  }

  private static let refusals = [
    "sudo: a password is required", "sudo: a terminal is required to read the password",
    "sudo: interactive authentication is required", "is not in the sudoers file",
    "is not allowed to execute '",
  ]
}
