internal import CLinux
internal import Glibc
internal import Synchronization

/// Who runs, and which machine start this is.
package enum ProcessFacts {
  package static var pid: Int32 { getpid() }
  package static var effectiveUser: UserID { geteuid() }
  /// How many threads can run at once.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// More would only wait for each other.
  package static let mostUsefulThreads = 16
  /// How many threads the work on a tree is best shared among.
  package static var usefulThreads: Int { min(processorCount, mostUsefulThreads) }

  /// What passwd(5) calls the effective user.
  package static var userName: String? { name(of: effectiveUser) }

  private static func name(of user: UserID) -> String? { Account.of(user)?.name }

  /// A random name the kernel gives each boot, see random(4).
  package static func bootID() throws(SystemError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    let name = try readText(path).prefix { !$0.isNewline }
    // A container may show an empty file instead, which would make all boots look alike.
    guard !name.isEmpty else { throw SystemError(call: "read", path: path, errno: .noEntry) }
    return String(name)
  }

  /// When a process began, in clock ticks since boot; with the pid and the boot id it names a
  /// process for good. Nil when there is no such process. See proc(5), field 22 of stat.
  package static func startTime(of pid: Int32) -> UInt64? {
    guard let bytes = try? Descriptor.open("/proc/\(pid)/stat").readAll(),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// The variables this process was started with. What is no UTF-8 is spelled legibly: a path like
  /// that must name nothing, rather than be taken for not given.
  package static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let pointer = next.pointee {
      next += 1
      let text = String(cString: pointer)
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      variables[String(text[..<equals])] = String(text[text.utf8.index(after: equals)...])
    }
    return variables
  }

  /// The arguments of this process, its own name first. Read them before anything changes the
  /// variables. `CommandLine` would need `/proc`.
  nonisolated(unsafe) private static let words: [UnsafeMutablePointer<CChar>] = {
    var count = 0
    guard let first = clinux_arguments(environ, &count) else { return [] }
    return (0..<count).compactMap { first[$0] }
  }()

  /// The arguments of this process, without its own name. Bytes that are not UTF-8 are replaced,
  /// see ``isUTF8(variables:)``.
  package static func arguments() -> [String] { words.dropFirst().map { String(cString: $0) } }

  /// Whether all that this process was called with, and these of its variables, are UTF-8. What is
  /// not would be taken for something else that looks like it.
  package static func isUTF8(variables names: [String]) -> Bool {
    let values = names.compactMap { getenv($0) }
    return (words + values).allSatisfy { String(validatingCString: $0) != nil }
  }

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

  /// Lets this process open more files at once, where it may: a tree takes one or two for each
  /// level. No more than a stack has room for; see setrlimit(2).
  package static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8192))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many files this process may have open at once, see setrlimit(2).
  package static var descriptorLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

  /// Bytes from the kernel's generator, see getrandom(2).
  package static func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Whether `/proc` is mounted and shows this process, see proc(5).
  package static var hasProc: Bool {
    (try? readLinkBytes(at: AT_FDCWD, "/proc/self/exe")) != nil
  }

  static func readText(_ path: String) throws(SystemError) -> String {
    let bytes = try Descriptor.open(path).readAll()
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension ProcessFacts {
  /// The process that holds a flock on a file, as /proc/locks tells it; nil when none does or it
  /// can't be told. The number is for messages: it may be another process by the time it is read.
  package static func lockHolder(inode: UInt64) -> Int32? {
    guard let text = try? readText("/proc/locks") else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "FLOCK",
        fields[5].split(separator: ":").last == "\(inode)"
      else { continue }
      return Int32(fields[4])
    }
    return nil
  }

  /// What passwd(5) calls the user a process runs as, or the number; nil when it is gone.
  package static func userName(of pid: Int32) -> String? {
    guard let owner = try? status(ofPath: "/proc/\(pid)").owner else { return nil }
    return name(of: owner) ?? "uid \(owner)"
  }

  /// When a process began, in Unix seconds; nil when it is gone. See proc_stat(5).
  package static func startSeconds(of pid: Int32) -> Int64? {
    guard let ticks = startTime(of: pid), let text = try? readText("/proc/stat"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = Int64(line.dropFirst(6))
    else { return nil }
    return boot + Int64(ticks) / Int64(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Whether the process exists, but `/proc` hides it from this user (hidepid), see proc(5).
  package static func isHidden(_ pid: Int32) -> Bool {
    guard kill(pid, 0) == -1, Errno.current == .notPermitted else { return false }
    return (try? status(ofPath: "/proc/\(pid)")) == nil
  }

  /// What a process was started as; nil when it is gone.
  package static func commandLine(of pid: Int32) -> String? {
    guard let text = try? readText("/proc/\(pid)/cmdline"), !text.isEmpty else { return nil }
    return text.split(separator: "\0").joined(separator: " ")
  }
}
