internal import CLinux
internal import Glibc

/// A filter that permits only the system calls of an unpacker; see seccomp(2). All others fail with
/// EPERM: no programs, no sockets, no other processes, no change of owners.
///
/// The filter is assembled here, since libseccomp makes the start of a worker 5 to 6 % slower.
struct SystemCallFilter {
  /// Installs the filter for this thread and all threads that it starts. PR_SET_NO_NEW_PRIVS must
  /// be set before; see prctl(2).
  ///
  /// - Throws: `SystemError` if the kernel lacks seccomp or does not permit it, or this processor
  ///   is not supported; nothing has changed then.
  static func install() throws(SystemError) {
    guard let architecture else { throw SystemError(call: "seccomp", errno: .notImplemented) }
    // An older kernel would end only the thread instead of the whole process.
    try systemCall("seccomp") { clinux_seccomp_knows_kill() }
    let program = program(for: architecture)
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

  /// The permitted calls: for the content, names and times of files, for memory and for threads.
  private static let allowed: [Int32] = [
    SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_writev, SYS_lseek, SYS_close, SYS_fcntl,
    SYS_openat, SYS_mkdirat, SYS_symlinkat, SYS_linkat, SYS_readlinkat,
    SYS_fchmod, SYS_utimensat, SYS_ftruncate, SYS_fstat, SYS_newfstatat, SYS_statx,
    SYS_fallocate, SYS_sync_file_range, SYS_copy_file_range, SYS_fstatfs,
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
    SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall,
    SYS_getpid, SYS_gettid, SYS_tgkill, SYS_getrandom, SYS_clock_gettime, SYS_clock_nanosleep,
    SYS_prlimit64, SYS_exit, SYS_exit_group,
  ]

  private static func program(for architecture: UInt32) -> [sock_filter] {
    var program = FilterProgram()
    program.load(FilterProgram.architecture)
    program.unless(equal: architecture, FilterProgram.kill)
    program.load(FilterProgram.number)
    #if arch(x86_64)
      // The x32 interface has the same calls with other numbers.
      program.when(anyOf: 0x4000_0000, FilterProgram.kill)
    #endif
    for number in allowed { program.when(equal: number, FilterProgram.allow) }
    // Memory, but none that can contain code.
    for number in [SYS_mmap, SYS_mprotect] {
      program.permit(number, whereArgument: 2, lacks: UInt32(PROT_EXEC))
    }
    // The C library then falls back to clone(2), whose flags can be checked: only threads.
    program.when(equal: SYS_clone3, FilterProgram.fail(ENOSYS))
    program.permit(SYS_clone, whereArgument: 0, has: UInt32(CLINUX_CLONE_THREAD))
    // Sharing the blocks of a file of an older release, see FICLONE in ioctl_ficlone(2).
    program.permit(SYS_ioctl, whereArgument: 1, equals: 0x4004_9409)
    program.finish(FilterProgram.fail(EPERM))
    return program.instructions
  }
}
