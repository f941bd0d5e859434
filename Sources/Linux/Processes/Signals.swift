internal import Glibc
internal import Synchronization

/// How this process handles signals; see signal(7).
package enum Signals {
  /// Ignores SIGPIPE, so that a write to a closed pipe fails instead of ending the process, and
  /// SIGHUP, so that a lost connection does not interrupt a change.
  package static func ignoreLostConnections() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
  }

  /// The signal that ends a process at its limit of processor time; see setrlimit(2).
  package static let processorTimeExceeded = SIGXCPU

  /// Ignores SIGXFSZ, so that a write beyond the limit of `ulimit -f` fails with EFBIG.
  package static func ignoreFileSizeLimit() {
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Restores the default for SIGCHLD. A parent that ignores the signal passes this on, and the
  /// kernel would then discard the exit statuses of our children.
  package static func useDefaultChildSignal() {
    signal(SIGCHLD, SIG_DFL)
  }

  /// The signals that ask a process to end.
  private static let terminating = [SIGINT, SIGTERM, SIGQUIT]

  /// The signal that ``absorbPendingTermination()`` has taken; 0 for none.
  fileprivate static let absorbed = Atomic<Int32>(0)
  /// Whether the signals stay blocked until ``end(by:)``.
  fileprivate static let isHeldForGood = Atomic<Bool>(false)

  private static func set(_ numbers: [Int32]) -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    return signals
  }
}

// MARK: - Blocking

extension Signals {
  /// The signals that would end the process, blocked until ``release()``.
  package struct Held {
    private let previous: sigset_t

    fileprivate init(_ previous: sigset_t) { self.previous = previous }

    /// Unblocks the signals, unless they are held for good. One that is pending takes effect now.
    package func release() {
      if isHeldForGood.load(ordering: .sequentiallyConsistent) { return }
      var previous = previous
      let absorbed = absorbed.exchange(0, ordering: .sequentiallyConsistent)
      if absorbed != 0 { raise(absorbed) }
      Cleanup.gate.leave()
      pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
  }

  /// Blocks SIGINT, SIGTERM and SIGQUIT.
  package static func holdTermination() -> Held {
    var signals = set(terminating)
    var previous = sigset_t()
    pthread_sigmask(SIG_BLOCK, &signals, &previous)
    Cleanup.gate.enter()
    return Held(previous)
  }

  /// Blocks SIGINT, SIGTERM and SIGQUIT until ``end(by:)``, so that this process can finish and report
  /// first.
  package static func holdTerminationForGood() {
    _ = holdTermination()
    isHeldForGood.store(true, ordering: .sequentiallyConsistent)
  }

  /// Blocks SIGINT, SIGTERM and SIGQUIT while something is created and the action that removes it is
  /// registered with ``onTermination(_:)``. Otherwise a signal that comes in between would leave it
  /// behind.
  package static func holdTerminationForCleanup() -> Held {
    // The thread must be running: without it, a signal that is pending would end the process at the
    // release, and no action would run.
    _ = Cleanup.watcher
    return holdTermination()
  }
}

// MARK: - Cleaning up

extension Signals {
  /// An action that runs when a signal ends the process.
  package final class Cleanup: Sendable {
    fileprivate static let gate = Gate()
    private static let registered = Mutex<[Cleanup]>([])
    fileprivate static let watcher: Bool = startWatching()
    /// The signal that the watching thread has received; 0 for none.
    fileprivate static let taken = Atomic<Int32>(0)

    /// Whether it runs before all others, since it tells a person that the signal has arrived.
    private let isFirst: Bool
    private let body: @Sendable () -> Void

    fileprivate init(isFirst: Bool, _ body: @escaping @Sendable () -> Void) {
      self.isFirst = isFirst
      self.body = body
    }

    /// Removes the action: it is no longer needed.
    package func cancel() { Self.registered.withLock { $0.removeAll { $0 === self } } }

    fileprivate func register() {
      Self.registered.withLock { $0.append(self) }
      _ = Self.watcher
    }

    /// Starts a thread that waits for the signals, since a thread, unlike a signal handler, may
    /// allocate memory and take locks.
    private static func startWatching() -> Bool {
      var signals = set(terminating)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { _ in
          Cleanup.watch()
          return nil
        }, nil)
      if code != 0 { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
      return code == 0
    }

    private static func watch() {
      var signals = set(terminating)
      var number: Int32 = 0
      while sigwait(&signals, &number) != 0 {}
      taken.store(number, ordering: .sequentiallyConsistent)
      gate.enter()
      // In reverse order: a later action belongs to something inside the earlier ones.
      let cleanups = registered.withLock { Array($0.reversed()) }
      for cleanup in cleanups where cleanup.isFirst { cleanup.body() }
      for cleanup in cleanups where !cleanup.isFirst { cleanup.body() }
      signal(number, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      raise(number)
    }
  }

  /// Does not return when SIGINT, SIGTERM or SIGQUIT is pending, unless they are held for good, so that
  /// this process can report first. The exit status then names the signal, and no error that the signal
  /// caused, such as a truncated archive whose sender got the same signal.
  package static func endIfTerminating() {
    guard pendingTermination() != nil, !isHeldForGood.load(ordering: .sequentiallyConsistent) else {
      return
    }
    while true { pause() }
  }

  /// SIGTERM.
  package static let usualTermination = SIGTERM

  /// Returns which of SIGINT, SIGTERM and SIGQUIT is pending; nil when none is. See sigpending(2).
  package static func pendingTermination() -> Int32? {
    for number in [takenTermination, absorbed.load(ordering: .sequentiallyConsistent)]
    where number != 0 {
      return number
    }
    var pending = sigset_t()
    sigpending(&pending)
    return terminating.first { sigismember(&pending, $0) == 1 }
  }

  /// Returns the name of a signal, such as SIGTERM.
  package static func name(of number: Int32) -> String {
    switch number {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGQUIT: "SIGQUIT"
    default: "signal \(number)"
    }
  }

  /// The signal that the thread for cleaning up has taken; 0 for none. It takes no other one before the
  /// signals are unblocked.
  static var takenTermination: Int32 { Cleanup.taken.load(ordering: .sequentiallyConsistent) }

  /// Takes one of the pending signals, so that another one can be noticed. It takes effect with
  /// ``Held/release()``.
  ///
  /// - Returns: whether one was pending.
  static func absorbPendingTermination() -> Bool {
    var signals = set(terminating)
    var now = timespec()
    let number = sigtimedwait(&signals, nil, &now)
    guard number > 0 else { return false }
    // The exit status names the first one.
    _ = absorbed.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent)
    return true
  }

  /// Runs `body` before SIGINT, SIGTERM or SIGQUIT ends this process, but never while termination
  /// is blocked.
  ///
  /// - Parameters:
  ///   - isFirst: whether it runs before the actions that do not say so.
  ///   - body: the action.
  /// - Returns: the registered action.
  package static func onTermination(
    isFirst: Bool = false, _ body: @escaping @Sendable () -> Void
  ) -> Cleanup {
    let cleanup = Cleanup(isFirst: isFirst, body)
    cleanup.register()
    return cleanup
  }
}

/// A recursive lock that one function takes and another one releases, on the same thread.
private final class Gate: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func enter() { pthread_mutex_lock(mutex) }
  func leave() { pthread_mutex_unlock(mutex) }
}
