internal import Glibc
internal import Synchronization

/// A program that this process has started. It is killed and waited for at the end of the object's
/// lifetime.
package final class ChildProcess: Sendable {
  /// How a process ended; see wait(2): with an exit status, or by a signal.
  package enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
  }

  /// The process ID, which is also the ID of its process group and of its session.
  package let pid: Int32
  private let ending = Mutex<Ending?>(nil)

  private init(pid: Int32) { self.pid = pid }

  deinit {
    kill()
    _ = wait()
  }

  /// Starts a program in a session of its own, without a controlling terminal, and with no
  /// descriptors but these; see posix_spawn(3) and setsid(2). The keys of a terminal reach only this
  /// process, which passes on what they mean: it ends the program, or lets it continue.
  ///
  /// - Parameters:
  ///   - path: the path of the program; PATH is not searched.
  ///   - arguments: the arguments, the program's own name first.
  ///   - environment: all environment variables of the program.
  ///   - descriptors: the descriptors of this process that become 0, 1, 2 and so on.
  ///   - directory: an open directory that the program starts in, which a relative `path` also
  ///     starts from; nil for the working directory of this process.
  /// - Returns: the running program.
  /// - Throws: `SystemError` if posix_spawn(3) fails.
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

  /// Sends SIGKILL to the process group; see kill(2).
  package func kill() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGKILL) } }
  }

  /// Sends SIGTERM to the process group, and SIGCONT, since a stopped process handles no signal.
  package func terminate() {
    ending.withLock {
      guard $0 == nil else { return }
      _ = Glibc.kill(-pid, SIGTERM)
      _ = Glibc.kill(-pid, SIGCONT)
    }
  }

  /// Stops the process group until ``resume()``. Only for a program that ends with this process, as
  /// the unpack worker does: nothing else would continue it; see PR_SET_PDEATHSIG in prctl(2).
  package func pause() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGSTOP) } }
  }

  /// Continues a stopped process group.
  package func resume() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGCONT) } }
  }

  /// Whether the process has ended, without waiting for it. Its process ID and group ID are not
  /// reused before ``wait()``.
  package var hasEnded: Bool {
    if ending.withLock({ $0 != nil }) { return true }
    // waitid(2) leaves the signal number 0 while the process runs.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG) == -1 {
      if errno != EINTR { return errno == ECHILD }
    }
    return information.si_signo != 0
  }

  /// Stops managing the process: no signal is sent, and ``wait()`` returns at once. For a process
  /// that this user may not end.
  func abandon() { ending.withLock { $0 = $0 ?? .signaled(SIGKILL) } }

  /// Waits until the process has ended, and returns how it ended.
  package func wait() -> Ending {
    // The lock is not held while the process runs, so that `kill` does not wait for it.
    var information = siginfo_t()
    while ending.withLock({ $0 }) == nil,
      waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR
    {}
    return ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) == -1 {
        if errno == EINTR { continue }
        // The status is unknown, which must not count as a success.
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
