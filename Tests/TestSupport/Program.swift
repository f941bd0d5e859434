package import Foundation
import Glibc
package import Testing

/// Runs programs of the host to their end.
package enum Program {
  /// Runs a program, which is killed after five minutes.
  ///
  /// - Parameters:
  ///   - command: the program and its arguments; the program is searched for in the path.
  ///   - input: the bytes on standard input; nil for none.
  ///   - environment: the variables of the program; nil for those of the tests.
  ///   - directory: the working directory; nil for that of the tests.
  /// - Returns: how the program ended, and what it printed.
  /// - Throws: an error of POSIX when no process can be started.
  package static func run(
    _ command: [String], input: Data? = nil, environment: [String: String]? = nil,
    directory: String? = nil
  ) throws -> ProgramRun {
    let input = try input.map { (pipe: try Pipes.make(), bytes: $0) }
    let (output, errors) = (try Pipes.make(), try Pipes.make())
    let theirs = [input?.pipe.reading, output.writing, errors.writing]
    let process = try ChildProcess(
      command, environment: environment, directory: directory, descriptors: theirs)
    for case let descriptor? in theirs { close(descriptor) }
    var transfer = Transfer(
      input: input.map { ($0.pipe.writing, $0.bytes) }, outputs: [output.reading, errors.reading])
    // A program that hangs fails its own test and does not block the others.
    if !transfer.finish(by: .now + .seconds(300)) { process.send(SIGKILL) }
    return ProgramRun(
      status: process.wait(), output: String(decoding: transfer.read[0], as: UTF8.self),
      errors: String(decoding: transfer.read[1], as: UTF8.self))
  }

  /// Runs a program and expects success.
  ///
  /// - Throws: an expectation that failed, or an error of ``run(_:input:environment:directory:)``.
  @discardableResult
  package static func expect(
    _ command: [String], input: Data? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ProgramRun {
    let run = try run(command, input: input)
    try #require(
      run.status == 0, "\(command.joined(separator: " ")): \(run.errors)",
      sourceLocation: sourceLocation)
    return run
  }

  /// Runs a script of sh(1) and expects success of each of its commands.
  ///
  /// - Throws: an expectation that failed, or an error of ``run(_:input:environment:directory:)``.
  package static func shell(
    _ script: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expect(["sh", "-euc", script], sourceLocation: sourceLocation)
  }

  /// Writes an executable shell script.
  ///
  /// - Throws: an error of Foundation, or an expectation that failed.
  package static func write(_ script: String, to path: String) throws {
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(path).text"))
    // Another process writes the program. A process that a parallel test starts would inherit this
    // one's open file for a moment, and a file that is open for writing cannot be run (ETXTBSY).
    try expect(["install", "-m", "755", "\(path).text", path])
  }

  /// Returns whether the host has a program.
  package static func isInstalled(_ name: String) -> Bool {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }
}
