internal import CLinux
internal import Glibc

/// A list of the system calls that an unpacker needs, in the kernel's own filter language, see
/// seccomp(2). All others fail with EPERM: no programs, no sockets, no other process, no owners.
struct SystemCallFilter {
  /// Installs the filter for this thread and all threads that it starts. Needs PR_SET_NO_NEW_PRIVS
  /// first, see prctl(2).
  ///
  /// - Throws: `SystemError` where the kernel lacks seccomp or does not permit it, or there is no
  ///   list for this processor; nothing has changed then.
  static func install() throws(SystemError) {
    guard let architecture else { throw SystemError(call: "seccomp", errno: .notImplemented) }
    // A kernel that can't end the whole process would end only the thread.
    try attempt("seccomp") { clinux_seccomp_knows_kill() }
    let program = program(for: architecture)
    try attempt("seccomp") { clinux_seccomp(program, UInt16(program.count)) }
  }

  private static var architecture: UInt32? {
    #if arch(x86_64)
      0xC000_003E
    #elseif arch(arm64)
      0xC000_00B7
    #else
      nil
    #endif
  }

  /// Content, names and times of files; memory and threads; nothing else.
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
      // The x32 interface: the same calls by other numbers.
      program.when(anyOf: 0x4000_0000, FilterProgram.kill)
    #endif
    for number in allowed { program.when(equal: number, FilterProgram.allow) }
    // Memory, but none that could hold a program.
    for number in [SYS_mmap, SYS_mprotect] {
      program.whenCalled(number, argument: 2, lacks: UInt32(PROT_EXEC))
    }
    // The C library falls back to clone, whose flags can be looked at: threads only.
    program.when(equal: SYS_clone3, FilterProgram.fail(ENOSYS))
    program.whenCalled(SYS_clone, argument: 0, has: UInt32(CLINUX_CLONE_THREAD))
    // Sharing a file's blocks with an older release.
    program.whenCalled(SYS_ioctl, argument: 1, equals: 0x4004_9409)
    program.finish(FilterProgram.fail(EPERM))
    return program.instructions
  }
}

/// Assembles instructions for the kernel's packet filter.
private struct FilterProgram {
  /// Offsets in `struct seccomp_data`.
  static let number: UInt32 = 0
  static let architecture: UInt32 = 4
  private static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }

  static let allow: UInt32 = 0x7FFF_0000
  static let kill: UInt32 = 0x8000_0000
  static func fail(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }

  private static let loadWord: UInt16 = 0x20
  private static let jumpIfEqual: UInt16 = 0x15
  private static let jumpIfAnyBit: UInt16 = 0x45
  private static let result: UInt16 = 0x06

  private(set) var instructions: [sock_filter] = []

  mutating func load(_ offset: UInt32) { add(Self.loadWord, offset) }
  mutating func finish(_ action: UInt32) { add(Self.result, action) }

  mutating func when(equal number: Int32, _ action: UInt32) {
    add(Self.jumpIfEqual, UInt32(number), ifFalse: 1)
    add(Self.result, action)
  }

  mutating func unless(equal number: UInt32, _ action: UInt32) {
    add(Self.jumpIfEqual, number, ifTrue: 1)
    add(Self.result, action)
  }

  mutating func when(anyOf bits: UInt32, _ action: UInt32) {
    add(Self.jumpIfAnyBit, bits, ifFalse: 1)
    add(Self.result, action)
  }

  mutating func whenCalled(_ number: Int32, argument: UInt32, has bits: UInt32) {
    check(number, argument, Self.jumpIfAnyBit, bits, allows: true)
  }

  mutating func whenCalled(_ number: Int32, argument: UInt32, lacks bits: UInt32) {
    check(number, argument, Self.jumpIfAnyBit, bits, allows: false)
  }

  mutating func whenCalled(_ number: Int32, argument: UInt32, equals value: UInt32) {
    check(number, argument, Self.jumpIfEqual, value, allows: true)
  }

  /// Five instructions; the low half of an argument is enough for what is asked here.
  private mutating func check(
    _ number: Int32, _ argument: UInt32, _ jump: UInt16, _ value: UInt32, allows: Bool
  ) {
    add(Self.jumpIfEqual, UInt32(number), ifFalse: 4)
    add(Self.loadWord, Self.argument(argument))
    add(jump, value, ifTrue: allows ? 0 : 1, ifFalse: allows ? 1 : 0)
    add(Self.result, Self.allow)
    add(Self.result, Self.fail(EPERM))
  }

  private mutating func add(
    _ code: UInt16, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0
  ) {
    instructions.append(sock_filter(code: code, jt: ifTrue, jf: ifFalse, k: value))
  }
}
