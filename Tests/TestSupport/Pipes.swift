import Foundation
import Glibc

/// Makes pipes that no other program inherits.
package enum Pipes {
  private static let lock = NSLock()

  /// Makes a pipe whose ends are closed in programs that other tests start.
  ///
  /// - Throws: an error of POSIX when there are too many open files.
  package static func make() throws -> (reading: Int32, writing: Int32) {
    // Glibc's module hides pipe2(2), so the lock joins the two steps.
    try lock.withLock {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return (ends[0], ends[1])
    }
  }

  /// Runs a body while no pipe is between its two steps.
  static func whileNoneIsOpened<Result>(_ body: () -> Result) -> Result {
    lock.withLock(body)
  }
}
