internal import Glibc

/// How this process takes signals.
package enum Signals {
  /// A reader that went away is an error of the write, not the end of the process.
  package static func ignoreBrokenPipe() { ignore(SIGPIPE) }

  /// A dropped connection does not stop what was begun.
  package static func ignoreHangUp() { ignore(SIGHUP) }

  private static func ignore(_ number: Int32) { signal(number, SIG_IGN) }
}
