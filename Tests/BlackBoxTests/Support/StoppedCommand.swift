import Foundation
import TestSupport
import Testing

/// A command that stops itself right after a certain system call and goes on when it is resumed.
final class StoppedCommand {
  private let tracer: BackgroundProgram

  /// - Parameters:
  ///   - arguments: the command and its arguments.
  ///   - store: the store of the command.
  ///   - call: the name of the system call.
  ///   - number: which call of that name, from 1.
  /// - Throws: an error of POSIX when no process can be started.
  init(
    _ arguments: [String], in store: TestStore, after call: String, _ number: Int = 1
  ) throws {
    tracer = try BackgroundProgram(
      Fault.signal("STOP", at: call, number) + [Releases.binary, "--store", store.path] + arguments,
      environment: ["PATH": "/usr/bin:/bin", "USER": "operator"])
  }

  /// The process ID of the command; nil before it has started.
  var pid: Int32? {
    let children = "/proc/\(tracer.pid)/task/\(tracer.pid)/children"
    let text = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
    return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Lets the command go on and waits until it ends.
  ///
  /// - Returns: the exit status.
  @discardableResult
  func resume() throws -> Int32 {
    kill(try #require(pid), SIGCONT)
    return tracer.waitForExit()
  }
}
