internal import Glibc

/// Ends this process by a signal after it has handled that signal.
extension Signals {
  /// Ends this process by a signal, so that the exit status names it; see wait(2).
  package static func end(by number: Int32) -> Never {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
    // This is reached only if the signal can't end the process.
    exit(128 + number)
  }
}

/// Ends this process at once.
package enum ProcessEnding {
  /// Ends this process with an exit status; see exit(3).
  package static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
