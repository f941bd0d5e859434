internal import CLinux
internal import Glibc
internal import Synchronization

extension ProcessFacts {
  /// Replaces this program by another one; see execve(2). Returns only when that fails, and then
  /// the error.
  package static func replace(
    by path: String, _ arguments: [String], _ variables: [String: String]
  ) -> SystemError {
    withCStrings(arguments) { arguments in
      withCStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
        _ = execve(path, arguments, variables)
      }
    }
    return SystemError(call: "execve", path: path, errno: .current)
  }

  /// Permanently changes from root to another user; see setuid(2). This needs CAP_SETUID and
  /// CAP_SETGID, and no other capability.
  ///
  /// The keys of the session stay behind; see session-keyring(7). A process may use those that its
  /// session keyring has, also those of other users.
  ///
  /// - Parameters:
  ///   - user: the user to become.
  ///   - group: the primary group.
  ///   - others: the supplementary groups.
  /// - Throws: `SystemError` of the call that failed; the calls before it have taken effect.
  package static func become(
    user: UserID, group: GroupID, others: [GroupID] = []
  ) throws(SystemError) {
    do throws(SystemError) {
      try systemCall("keyctl") { clinux_leave_keyring() }
    } catch let error where error.errno == .notImplemented || error.errno == .notPermitted {
      // The kernel has no keys, or a filter hides them from this process and from all it starts.
    }
    var groups = [group]
    for other in others where !groups.contains(other) { groups.append(other) }
    try systemCall("setgroups") { setgroups(groups.count, groups) }
    try systemCall("setgid") { setgid(group) }
    try systemCall("setuid") { setuid(user) }
    // The kernel has dropped the capabilities unless the caller prevented that; see
    // capabilities(7). Call capset(2) only then: a unit's filter may block it.
    if try systemCall("capget", nil, { clinux_has_capabilities() }) != 0 {
      try systemCall("capset") { clinux_drop_capabilities() }
    }
    changedUser.store(true, ordering: .relaxed)
  }

  private static let changedUser = Atomic(false)

  /// Whether this process has changed its user. Its environment is still that of the former user.
  package static var hasChangedUser: Bool { changedUser.load(ordering: .relaxed) }
}
