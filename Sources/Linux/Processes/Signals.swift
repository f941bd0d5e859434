internal import Glibc
internal import Synchronization

/// How this process takes signals.
package enum Signals {
  /// A reader that went away is an error of the write, not the end of the process; and a dropped
  /// connection does not stop what was begun.
  package static func ignoreLostConnections() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
  }

  /// What ends a process that has had all the processor time it may have, see setrlimit(2).
  package static let processorTimeExceeded = SIGXCPU

  /// A file that would grow over `ulimit -f` is an error of the write too (EFBIG).
  package static func ignoreFileSizeLimit() {
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Whoever started this process may ignore the ends of its own children, and that is inherited:
  /// the kernel would then tell of none of ours how it ended.
  package static func useDefaultChildSignal() {
    signal(SIGCHLD, SIG_DFL)
  }

  /// Those that ask a process to end.
  private static let terminating = [SIGINT, SIGTERM, SIGQUIT]

  private static func set(_ numbers: [Int32]) -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    return signals
  }
}

// MARK: - Holding back

extension Signals {
  /// Signals that would end the process, held back until ``release()``.
  package struct Held {
    private let previous: sigset_t

    fileprivate init(_ previous: sigset_t) { self.previous = previous }

    /// Lets them through again; one that came meanwhile takes effect now.
    package func release() {
      var previous = previous
      Cleanup.gate.leave()
      pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
  }

  /// Holds back INT, TERM and QUIT.
  package static func holdTermination() -> Held {
    var signals = set(terminating)
    var previous = sigset_t()
    pthread_sigmask(SIG_BLOCK, &signals, &previous)
    Cleanup.gate.enter()
    return Held(previous)
  }
}

// MARK: - Cleaning up

extension Signals {
  /// Something to be done should a signal end the process.
  package final class Cleanup: Sendable {
    fileprivate static let gate = Gate()
    private static let registered = Mutex<[Cleanup]>([])
    private static let watcher: Bool = startWatching()
    /// Which one the watcher has taken; 0 for none.
    fileprivate static let taken = Atomic<Int32>(0)

    private let body: @Sendable () -> Void

    fileprivate init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// It is done, or need not be done any more.
    package func cancel() { Self.registered.withLock { $0.removeAll { $0 === self } } }

    fileprivate func register() {
      Self.registered.withLock { $0.append(self) }
      _ = Self.watcher
    }

    /// Another thread waits for the signals from now on: what it runs may allocate and lock.
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
      // The last one first: it is of something inside the others.
      for cleanup in registered.withLock({ $0.reversed() }) { cleanup.body() }
      signal(number, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      raise(number)
    }
  }

  /// Does not return where INT, TERM or QUIT has come already: the status then says which, and not
  /// what failed because of it, such as an archive whose sender was ended by the same signal.
  package static func endIfTerminating() {
    guard pendingTermination() != nil else { return }
    while true { pause() }
  }

  /// Which of INT, TERM and QUIT has come and is held back; nil when none has. See sigpending(2).
  package static func pendingTermination() -> Int32? {
    let taken = Cleanup.taken.load(ordering: .sequentiallyConsistent)
    if taken != 0 { return taken }
    var pending = sigset_t()
    sigpending(&pending)
    return terminating.first { sigismember(&pending, $0) == 1 }
  }

  /// Runs `body` before INT, TERM or QUIT ends this process, though never while termination is
  /// held back.
  package static func onTermination(_ body: @escaping @Sendable () -> Void) -> Cleanup {
    let cleanup = Cleanup(body)
    cleanup.register()
    return cleanup
  }
}

/// A lock that is taken in one call and given back in another, by the same thread, nested or not.
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
