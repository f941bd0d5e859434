internal import Glibc

/// Ending by a signal that was taken notice of first.
extension Signals {
  /// Holds back INT, TERM and QUIT until ``end(by:)``: what is left to be said comes first.
  package static func holdTerminationForGood() { _ = holdTermination() }

  /// Ends this process as the signal would have, so that whoever waits for it sees which it was.
  package static func end(by number: Int32) -> Never {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
    // Only a process whose parent left the signal ignored, with no default to go back to.
    exit(128 + number)
  }
}
