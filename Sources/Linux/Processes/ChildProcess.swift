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
  ///   - arguments: the arguments, the program's own name first.
  ///   - descriptors: which of ours become its 0, 1, 2 and so on.
  ///   - directory: an open directory of ours it begins in, also to find a relative path of the
  ///     program; nil for our own.
  /// - Throws: `SystemError` when it can't be started.
  package static func start(
    _ path: String, _ arguments: [String], environment: [String: String] = [:],
    descriptors: [Int32],
    directory: Int32? = nil
  ) throws(SystemError) -> ChildProcess {
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let start = { (rest: DescriptorClosing) throws(SystemError) -> ChildProcess in
      let actions = try SpawnActions(descriptors, closing: rest, in: directory)
      let pid = try withCStrings(arguments) { arguments throws(SystemError) in
        try withCStrings(variables) { variables throws(SystemError) in
          try actions.start(path, arguments, variables)
        }
      }
      return ChildProcess(pid: pid)
    }
    do throws(SystemError) {
      return try start(.byRange)
    } catch let first {
      // Without close_range(2) the C library reads `/proc`, and does not report that it is missing.
      guard !DescriptorClosing.canCloseByRange else { throw first }
      return try start(.oneByOne)
    }
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

func withCStrings<Result, Failure: Error>(
  _ strings: [String],
  _ body: ([UnsafeMutablePointer<CChar>?]) throws(Failure) -> Result
) throws(Failure) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return try body(copies + [nil])
}
