import Foundation
package import Glibc
import Synchronization

/// A process that a test has started. Foundation's `Process` takes 40 ms to notice that a process
/// has ended, and the tests start thousands of them.
package final class ChildProcess: Sendable {
  /// The process ID.
  package let pid: pid_t
  private let ended = Mutex<Int32?>(nil)

  /// Starts a program as a shell would. The threads of tests block signals, and a program that
  /// inherited this could not be ended by them.
  ///
  /// - Parameters:
  ///   - command: the program and its arguments; the program is searched for in the path.
  ///   - environment: the variables of the program; nil for those of the tests.
  ///   - directory: the working directory; nil for that of the tests.
  ///   - descriptors: standard input, output and error of the program; nil for /dev/null.
  /// - Throws: an error of POSIX when no process can be started. A program that does not exist ends
  ///   with status 127.
  package init(
    _ command: [String], environment: [String: String]?, directory: String?, descriptors: [Int32?]
  ) throws {
    let command = ["env"] + (directory.map { ["-C", $0] } ?? []) + command
    let variables = environment ?? ProcessInfo.processInfo.environment
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
      if let descriptor {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
      } else {
        posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = command.map { strdup($0) } + [nil]
    let strings = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + strings { free(text) } }
    var started: pid_t = 0
    let error = Pipes.whileNoneIsOpened {
      posix_spawn(&started, "/usr/bin/env", &actions, &attributes, arguments, strings)
    }
    guard error == 0 else { throw POSIXError(.init(rawValue: error) ?? .EIO) }
    pid = started
  }

  /// Sends a signal to the process unless it has ended.
  package func send(_ signal: Int32) {
    ended.withLock { if $0 == nil { kill(pid, signal) } }
  }

  /// Waits until the process has ended.
  ///
  /// - Returns: the exit status, or 128+n when signal n ended the process.
  @discardableResult
  package func wait() -> Int32 {
    // The process remains a zombie meanwhile, so its ID stays valid for `send`.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    return ended.withLock { status in
      if let status { return status }
      var word: Int32 = 0
      while waitpid(pid, &word, 0) == -1, errno == EINTR {}
      let signal = word & 0x7f
      let value = signal == 0 ? word >> 8 & 0xff : 128 + signal
      status = value
      return value
    }
  }

  /// Whether the process has ended.
  package var hasEnded: Bool {
    if ended.withLock({ $0 != nil }) { return true }
    var information = siginfo_t()
    let result = waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG)
    return result == 0 && information.si_signo == SIGCHLD
  }
}
