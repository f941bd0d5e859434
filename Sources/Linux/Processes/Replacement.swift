internal import CLinux
internal import Glibc
internal import Synchronization

extension ProcessFacts {
  /// Becomes another program, see execve(2); returns only why that failed.
  package static func replace(
    by path: String, _ words: [String], _ variables: [String: String]
  ) -> SystemError {
    withCStrings(words) { words in
      withCStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
        _ = execve(path, words, variables)
      }
    }
    return SystemError(call: "execve", path: path, errno: .current)
  }

  /// Gives up root for good and becomes another user, see setuid(2). Needs CAP_SETUID and
  /// CAP_SETGID, and no other right of root.
  ///
  /// - Parameter others: the user's supplementary groups.
  /// - Throws: `SystemError` of the call that failed; the calls before it have taken effect.
  package static func become(
    user: UserID, group: GroupID, others: [GroupID] = []
  ) throws(SystemError) {
    var groups = [group]
    for other in others where !groups.contains(other) { groups.append(other) }
    try attempt("setgroups") { setgroups(groups.count, groups) }
    try attempt("setgid") { setgid(group) }
    try attempt("setuid") { setuid(user) }
    // The kernel has dropped the capabilities unless the caller prevented that, see
    // capabilities(7). Call capset(2) only then: a unit's filter may block it.
    if try attempt("capget", nil, { clinux_has_capabilities() }) != 0 {
      try attempt("capset") { clinux_drop_capabilities() }
    }
    changedUser.store(true, ordering: .relaxed)
  }

  private static let changedUser = Atomic(false)

  /// Whether this process has become another user. Its variables are those of the former one.
  package static var hasChangedUser: Bool { changedUser.load(ordering: .relaxed) }
}
