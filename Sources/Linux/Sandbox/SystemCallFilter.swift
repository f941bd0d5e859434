internal import CLinux
internal import Glibc

/// A filter that permits only the system calls of an unpacker, with the arguments that it uses; see
/// seccomp(2). All others fail with EPERM: no programs, no sockets, no other processes, no change of
/// owners.
///
/// The filter sees numbers, but not the texts that pointers lead to. A call is permitted only if it
/// can't change what exists already, whatever its path is: files are only opened when they are new,
/// and modes and times are only set through descriptors. Landlock or the private root directory
/// decides where something new can be made.
///
/// The filter is assembled here, since libseccomp makes the start of a worker 5 to 6 % slower.
struct SystemCallFilter {
  /// Installs the filter for this thread and all threads that it starts. PR_SET_NO_NEW_PRIVS must
  /// be set before; see prctl(2).
  ///
  /// - Throws: `SystemError` if the kernel lacks seccomp or does not permit it, or this processor
  ///   is not supported; nothing has changed then.
  static func install() throws(SystemError) {
    try install(calls: unpacking + restricted)
  }

  /// Installs a filter that permits nothing but to wait for a child and to end in the same way.
  ///
  /// - Throws: `SystemError` as ``install()`` does.
  static func installForWaiting() throws(SystemError) {
    try install(calls: waiting)
  }

  private static func install(calls: [PermittedCall]) throws(SystemError) {
    guard let architecture else { throw SystemError(call: "seccomp", errno: .notImplemented) }
    // An older kernel would end only the thread instead of the whole process.
    try systemCall("seccomp") { clinux_seccomp_knows_kill() }
    let program = program(for: architecture, calls)
    try systemCall("seccomp") { clinux_seccomp(program, UInt16(program.count)) }
  }

  /// The constant AUDIT_ARCH_… of this processor; see linux/audit.h; nil for an unsupported one.
  private static var architecture: UInt32? {
    #if arch(x86_64)
      0xC000_003E
    #elseif arch(arm64)
      0xC000_00B7
    #else
      nil
    #endif
  }

  private static func program(
    for architecture: UInt32, _ calls: [PermittedCall]
  ) -> [sock_filter] {
    var program = FilterProgram()
    program.load(FilterProgram.architecture)
    program.unless(equal: architecture, FilterProgram.kill)
    program.load(FilterProgram.number)
    #if arch(x86_64)
      // The x32 interface has the same calls with other numbers.
      program.when(anyOf: 0x4000_0000, FilterProgram.kill)
    #endif
    for call in calls {
      if call.alternatives.isEmpty {
        program.when(equal: call.number, FilterProgram.allow)
      } else {
        program.permit(call.number, whenAny: call.alternatives)
      }
    }
    // The C library then falls back to clone(2), whose flags can be checked: only threads.
    program.when(equal: SYS_clone3, FilterProgram.fail(ENOSYS))
    program.finish(FilterProgram.fail(EPERM))
    return program.instructions
  }
}

/// A system call that a filter permits.
private struct PermittedCall {
  let number: Int32
  /// The tests of the arguments; empty if any arguments are permitted.
  var alternatives: [[ArgumentTest]] = []

  init(_ number: Int32) { self.number = number }

  init(_ number: Int32, _ tests: ArgumentTest..., or others: [ArgumentTest] = []) {
    self.number = number
    alternatives = others.isEmpty ? [tests] : [tests, others]
  }
}

extension SystemCallFilter {
  /// The calls that concern only this process and its open files, or that make a new name.
  private static let unpacking: [PermittedCall] = [
    SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_writev, SYS_lseek, SYS_close,
    SYS_symlinkat, SYS_ftruncate, SYS_fstat,
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
    SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_sched_yield,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall,
    SYS_getpid, SYS_gettid, SYS_getrandom, SYS_exit, SYS_exit_group,
  ].map { PermittedCall($0) }

  /// The calls that could reach something else with other arguments.
  private static var restricted: [PermittedCall] {
    [
      // A new file, or a directory to work in. No other combination of flags is permitted: not 3 as
      // the access mode, which Landlock does not check, and neither O_PATH nor O_TRUNC.
      PermittedCall(
        SYS_openat, .number(2, is: newFile), .number(3, hasOnly: 0o777),
        or: [.number(2, is: existingDirectory)]),
      PermittedCall(SYS_mkdirat, .number(2, hasOnly: 0o777)),
      PermittedCall(SYS_linkat, .number(4, is: 0)),
      // A directory may have an inherited set-group-ID bit.
      PermittedCall(SYS_fchmod, .number(1, hasOnly: 0o2777)),
      // The times of an open file.
      PermittedCall(SYS_utimensat, .isNull(1), .number(3, is: 0)),
      PermittedCall(SYS_fcntl, .number(1, is: F_DUPFD_CLOEXEC)),
      // Memory, but none that can contain code.
      PermittedCall(SYS_mmap, .number(2, hasOnly: UInt32(PROT_READ | PROT_WRITE))),
      PermittedCall(SYS_mprotect, .number(2, hasOnly: UInt32(PROT_READ | PROT_WRITE))),
      PermittedCall(SYS_clone, .number(0, is: threadFlags)),
      // This process only. Other clocks belong to processes; see clock_getcpuclockid(3).
      PermittedCall(SYS_tgkill, .number(0, is: getpid())),
      PermittedCall(SYS_prlimit64, .number(0, is: 0), .isNull(2)),
      PermittedCall(SYS_sched_getaffinity, .number(0, is: 0)),
      PermittedCall(SYS_clock_gettime, .number(0, hasOnly: 0xF)),
      PermittedCall(SYS_clock_nanosleep, .number(0, hasOnly: 0xF)),
    ]
  }

  private static var waiting: [PermittedCall] {
    [
      SYS_wait4, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_getpid, SYS_gettid,
      SYS_exit, SYS_exit_group,
    ].map { PermittedCall($0) } + [PermittedCall(SYS_tgkill, .number(0, is: getpid()))]
  }

  private static let newFile = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
  private static let existingDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

  /// The flags with which the C library starts a thread; see clone(2).
  private static let threadFlags = Int32(CLINUX_THREAD_FLAGS)
}
