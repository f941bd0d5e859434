internal import CLinux
internal import Glibc
internal import Synchronization

/// Another program, started by this one. Killed and waited for when its owner lets it go.
package final class ChildProcess: Sendable {
  /// How a process ended.
  package enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
  }

  package let pid: Int32
  private let ending = Mutex<Ending?>(nil)

  private init(pid: Int32) { self.pid = pid }

  deinit {
    kill()
    _ = wait()
  }

  /// Starts a program in a process group of its own, with no descriptors but these, see
  /// posix_spawn(3).
  ///
  /// - Parameters:
  ///   - path: of the program; not searched for.
  ///   - words: the arguments, the program's own name first.
  ///   - directory: its working directory; nil for ours.
  ///   - descriptors: which of ours become its 0, 1, 2 and so on.
  package static func start(
    _ path: String, _ words: [String], environment: [String: String] = [:],
    directory: String? = nil, descriptors: [Int32]
  ) throws(SystemError) -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // Ours may be in the way of one another: first all to numbers that nobody has.
    let spare = (descriptors.max() ?? 0) + Int32(descriptors.count) + 1
    for (index, raw) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, raw, spare + Int32(index))
    }
    for index in descriptors.indices {
      posix_spawn_file_actions_adddup2(&actions, spare + Int32(index), Int32(index))
    }
    if let directory { clinux_spawn_changing_to(&actions, directory) }
    // Not even what we were given by mistake.
    clinux_spawn_closing_from(&actions, Int32(descriptors.count))
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var pid: pid_t = 0
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let code = withCStrings(words) { words in
      withCStrings(variables) { variables in
        posix_spawn(&pid, path, &actions, &attributes, words, variables)
      }
    }
    if code != 0 {
      throw SystemError(call: "posix_spawn", path: path, errno: Errno(rawValue: code))
    }
    return ChildProcess(pid: pid)
  }

  /// Ends it and all of its process group at once.
  package func kill() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGKILL) } }
  }

  /// Asks it and all of its process group to end.
  package func terminate() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGTERM) } }
  }

  /// It has ended, though what it started may not have. Until ``wait()`` its number, and that of
  /// its group, is nobody else's.
  package var hasEnded: Bool {
    ending.withLock { ending in
      if ending != nil { return true }
      var information = siginfo_t()
      let code = waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG)
      return code == 0 && information.si_signo == SIGCHLD
    }
  }

  /// Lets it and all of its process group stand still until ``resume()``. Should this process end
  /// meanwhile, the kernel ends them, see setpgid(2) on orphaned process groups.
  package func pause() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGSTOP) } }
  }

  /// Lets it go on.
  package func resume() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGCONT) } }
  }

  /// Waits for its end.
  package func wait() -> Ending {
    // Not under the lock while it runs: `kill` must get through.
    var information = siginfo_t()
    while ending.withLock({ $0 }) == nil,
      waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR
    {}
    return ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) == -1, errno == EINTR {}
      let signal = status & 0x7F
      let found = signal == 0 ? Ending.exited(status >> 8 & 0xFF) : .signaled(signal)
      ending = found
      return found
    }
  }
}

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
