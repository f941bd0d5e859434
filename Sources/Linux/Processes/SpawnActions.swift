internal import CLinux
internal import Glibc

/// How a new process closes the descriptors that it must not inherit, including those that this
/// process inherited by mistake.
enum DescriptorClosing {
  /// Closes all with close_range(2), or, if that is missing, by the list in `/proc`.
  case byRange
  /// Closes each open descriptor of this process that has no close-on-exec flag.
  case oneByOne

  static var canCloseByRange: Bool {
    // This closes nothing: no descriptor has this number.
    if clinux_close_range(UInt32(Int32.max), UInt32(Int32.max)) == 0 { return true }
    return (try? Descriptor.openDirectory("/proc/self/fd")) != nil
  }
}

/// What posix_spawn(3) does in the new process before the program begins.
struct SpawnActions: ~Copyable {
  private var actions = posix_spawn_file_actions_t()
  private var attributes = posix_spawnattr_t()

  /// - Parameters:
  ///   - descriptors: the descriptors of this process that become 0, 1, 2 and so on.
  ///   - rest: how the other descriptors are closed.
  ///   - directory: an open directory that the program starts in; nil for that of this process, or
  ///     for the root directory after a change of user.
  /// - Throws: `SystemError` (EMFILE) if a number is above the limit of open files.
  init(
    _ descriptors: [Int32], closing rest: DescriptorClosing, in directory: Int32?
  ) throws(SystemError) {
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    if let directory {
      try add { clinux_spawn_changing_to(&$0, directory) }
    } else if ProcessFacts.hasChangedUser {
      // The working directory is that of root, who may have closed the way to it for this user.
      try add { clinux_spawn_changing_to_path(&$0, "/") }
    }
    try arrange(descriptors, closing: rest)
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // A new session has no controlling terminal; see setsid(2). A program that runs as the store's
    // owner can't open the terminal of root, who started the command, to type into it.
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Int16(CLINUX_SPAWN_SETSID))
  }

  deinit {
    var actions = actions
    var attributes = attributes
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }

  private mutating func arrange(
    _ descriptors: [Int32], closing rest: DescriptorClosing
  ) throws(SystemError) {
    let count = Int32(descriptors.count)
    var sources = descriptors
    var spare = max(descriptors.max() ?? 0, count - 1) + 1
    let firstSpare = spare
    // First move each descriptor whose number another one is to take.
    for (index, raw) in descriptors.enumerated() where raw < count && raw != index {
      try add { posix_spawn_file_actions_adddup2(&$0, raw, spare) }
      sources[index] = spare
      spare += 1
    }
    for (index, raw) in sources.enumerated() {
      try add { posix_spawn_file_actions_adddup2(&$0, raw, Int32(index)) }
    }
    switch rest {
    case .byRange: try add { clinux_spawn_closing_from(&$0, count) }
    case .oneByOne:
      let inherited = Self.inherited.filter { $0 >= count }
      for raw in Set(inherited).union(firstSpare..<spare).sorted() {
        try add { posix_spawn_file_actions_addclose(&$0, raw) }
      }
    }
  }

  private mutating func add(
    _ body: (inout posix_spawn_file_actions_t) -> Int32
  ) throws(SystemError) {
    let code = body(&actions)
    if code == 0 { return }
    // EBADF means a number above the limit of open files; see setrlimit(2).
    throw SystemError(
      call: "posix_spawn", errno: code == EBADF ? .tooManyOpenFiles : Errno(rawValue: code))
  }

  /// The open descriptors without the close-on-exec flag, which all descriptors that this process
  /// opens have.
  private static var inherited: [Int32] {
    guard let limit = try? ResourceLimit.value(of: RLIMIT_NOFILE) else { return [] }
    return (0..<Int32(clamping: limit.rlim_cur)).filter { raw in
      let flags = fcntl(raw, F_GETFD)
      return flags >= 0 && flags & FD_CLOEXEC == 0
    }
  }

  /// Starts the program and returns its process ID.
  ///
  /// - Throws: `SystemError` if posix_spawn(3) fails.
  func start(
    _ path: String, _ arguments: [UnsafeMutablePointer<CChar>?],
    _ variables: [UnsafeMutablePointer<CChar>?]
  ) throws(SystemError) -> pid_t {
    var pid: pid_t = 0
    let code = withUnsafePointer(to: actions) { actions in
      withUnsafePointer(to: attributes) { attributes in
        posix_spawn(&pid, path, actions, attributes, arguments, variables)
      }
    }
    if code == 0 { return pid }
    throw SystemError(call: "posix_spawn", path: path, errno: Errno(rawValue: code))
  }
}
