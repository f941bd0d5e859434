internal import CLinux
internal import Glibc

/// What takes Landlock's place on kernels without it: the stage becomes the root directory of the
/// process, and the process sees no other process; see chroot(2) and pid_namespaces(7).
enum Namespaces {
  /// Makes a directory the root directory of this process, so that no path leads out of it. A process
  /// without root's capabilities gets them in a new user namespace, as far as the host permits that;
  /// see user_namespaces(7). The caller must drop the capabilities afterwards, since chroot(2) can be
  /// undone with them. No directory outside `directory` may be open.
  ///
  /// - Returns: whether the next child is in its own PID namespace.
  /// - Throws: `SystemError` if chroot(2) fails; the root directory has not changed then.
  static func enter(root directory: borrowing Descriptor) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try changeRoot(to: directory)
    } catch let error where error.errno == .notPermitted {
      try enterUserNamespace()
      try changeRoot(to: directory)
    }
    // This comes last: a process whose children have another PID namespace can't start threads.
    return unshare(Int32(CLINUX_NEW_PROCESSES)) == 0
  }

  /// Gives this process root's capabilities in a user namespace of its own. It keeps its IDs.
  ///
  /// - Throws: `SystemError` if unshare(2) fails, as it does where a host permits no namespaces.
  private static func enterUserNamespace() throws(SystemError) {
    let (user, group) = (geteuid(), getegid())
    try systemCall("unshare") { unshare(Int32(CLINUX_NEW_USERS)) }
    // Without the maps only the names of IDs are missing.
    for (file, text) in [
      ("setgroups", "deny"), ("uid_map", "\(user) \(user) 1"), ("gid_map", "\(group) \(group) 1"),
    ] {
      try? Descriptor.open("/proc/self/\(file)", .writeOnly).write(Array(text.utf8))
    }
  }

  private static func changeRoot(to directory: borrowing Descriptor) throws(SystemError) {
    let raw = directory.raw
    try systemCall("fchdir") { fchdir(raw) }
    try systemCall("chroot") { chroot(".") }
    try systemCall("chdir") { chdir("/") }
  }

  /// Continues in a child, which is the only process of its PID namespace. This process waits for the
  /// child in a sandbox of its own, ends in the same way, and never returns from here.
  ///
  /// - Parameter processorTime: the limit of the child in seconds. Its PID is 1 in the namespace, and
  ///   such a process ignores SIGXCPU, so the kernel sends SIGKILL a second later.
  /// - Throws: `SystemError` if fork(2) fails.
  static func continueInChild(processorTime: UInt64) throws(SystemError) {
    let child = try systemCall("fork") { clinux_fork() }
    if child == 0 {
      // The child ends with its parent.
      _ = clinux_end_with_parent(SIGKILL)
      return
    }
    _ = clinux_drop_capabilities()
    _ = clinux_not_dumpable()
    try? SystemCallFilter.installForWaiting()
    var (status, usage) = (Int32(0), rusage())
    while wait4(child, &status, 0, &usage) == -1, errno == EINTR {}
    let signal = status & 0x7F
    if signal == 0 { _exit(status >> 8 & 0xFF) }
    let isOverLimit = signal == SIGKILL && usage.seconds >= Double(processorTime)
    Glibc.signal(SIGXCPU, SIG_DFL)
    raise(isOverLimit ? SIGXCPU : signal)
    _exit(128 + signal)
  }
}

extension rusage {
  /// The processor time in seconds.
  fileprivate var seconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec)
      + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1_000_000
  }
}
