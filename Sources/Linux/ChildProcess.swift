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
  ///   - descriptors: which of ours become its 0, 1, 2 and so on.
  ///   - directory: an open directory of ours it begins in, also to find a relative path of the
  ///     program; nil for our own.
  package static func start(
    _ path: String, _ words: [String], environment: [String: String] = [:], descriptors: [Int32],
    directory: Int32? = nil
  ) throws(SystemError) -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if let directory { clinux_spawn_changing_to(&actions, directory) }
    // Ours may be in the way of one another: first all to numbers that nobody has.
    let spare = (descriptors.max() ?? 0) + Int32(descriptors.count) + 1
    for (index, raw) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, raw, spare + Int32(index))
    }
    for index in descriptors.indices {
      posix_spawn_file_actions_adddup2(&actions, spare + Int32(index), Int32(index))
    }
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

  /// Asks it and all of its process group to end; those that stand still have to go on for that.
  package func terminate() {
    ending.withLock {
      guard $0 == nil else { return }
      _ = Glibc.kill(-pid, SIGTERM)
      _ = Glibc.kill(-pid, SIGCONT)
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

  /// Whether it has ended; does not wait. Until ``wait()`` its number stays its own, and that of
  /// its process group.
  package var hasEnded: Bool {
    if ending.withLock({ $0 != nil }) { return true }
    // waitid(2) leaves it 0 where there is nothing to tell.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG) == -1 {
      if errno != EINTR { return errno == ECHILD }
    }
    return information.si_signo != 0
  }

  /// Leaves it to itself: one that may not be ended must not be waited for either.
  package func abandon() { ending.withLock { $0 = $0 ?? .signaled(SIGKILL) } }

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
      while waitpid(pid, &status, 0) == -1 {
        if errno == EINTR { continue }
        // Nobody knows how it ended; that must not pass for a success.
        status = SIGKILL
        break
      }
      let signal = status & 0x7F
      let found = signal == 0 ? Ending.exited(status >> 8 & 0xFF) : .signaled(signal)
      ending = found
      return found
    }
  }
}

func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
