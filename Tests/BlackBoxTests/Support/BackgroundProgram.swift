import Foundation
import TestSupport
import Testing

/// A program that runs beside the test and is killed with the value at the latest.
final class BackgroundProgram {
  private let process: ChildProcess
  private let input: FileHandle
  private let output: FileHandle

  init(
    _ command: [String], directory: String? = nil,
    environment: [String: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
  ) throws {
    let (toProgram, fromProgram) = (try Pipes.make(), try Pipes.make())
    input = FileHandle(fileDescriptor: toProgram.writing, closeOnDealloc: true)
    output = FileHandle(fileDescriptor: fromProgram.reading, closeOnDealloc: true)
    process = try ChildProcess(
      command, environment: environment, directory: directory,
      descriptors: [toProgram.reading, fromProgram.writing, nil])
    for descriptor in [toProgram.reading, fromProgram.writing] { close(descriptor) }
  }

  deinit {
    // Children of the program may still read its input and have to end too.
    try? input.close()
    process.send(SIGKILL)
    process.wait()
  }

  /// Waits for the program's first output and returns it.
  func firstOutput() -> String { String(decoding: output.availableData, as: UTF8.self) }

  var pid: Int32 { process.pid }

  func write(_ data: Data) throws { try input.write(contentsOf: data) }

  func send(_ signal: Int32) { process.send(signal) }

  /// Closes the program's input and waits until it ends.
  ///
  /// - Returns: the exit status, or 128+n when signal n ended the program.
  @discardableResult
  func end() -> Int32 {
    try? input.close()
    return process.wait()
  }

  /// Waits until the program ends, with its input still open.
  func waitForExit() -> Int32 { process.wait() }
}

extension TestStore {
  /// Starts a command on this store beside the test.
  func start(_ arguments: [String]) throws -> BackgroundProgram {
    try BackgroundProgram([Releases.binary, "--store", path] + arguments)
  }

  /// Runs several commands at the same time and returns the result of each.
  func runAtOnce(_ commands: [[String]]) throws -> [Releases.Run] {
    let runs = Runs()
    let threads = commands.enumerated().map { index, arguments in
      Thread { runs.put(index, Result { try self.run(arguments) }) }
    }
    for thread in threads { thread.start() }
    return try runs.wait(for: commands.count)
  }

  /// Holds the store's lock in another process until that process ends.
  func holdLock() throws -> BackgroundProgram {
    let holder = try BackgroundProgram(
      ["flock", "--exclusive", "\(path)/.releases/lock", "sh", "-c", "echo held; exec cat"])
    #expect(holder.firstOutput() == "held\n")
    return holder
  }

  /// Waits until a condition holds, for 30 seconds at most.
  func waitUntil(
    _ description: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
  ) throws {
    let deadline = Date(timeIntervalSinceNow: 30)
    while try !condition() {
      try #require(Date() < deadline, "never: \(description)", sourceLocation: sourceLocation)
      usleep(1000)
    }
  }
}

/// Collects the results of runs on several threads.
private final class Runs: @unchecked Sendable {
  private let condition = NSCondition()
  private var results: [Int: Result<Releases.Run, any Error>] = [:]

  func put(_ index: Int, _ result: Result<Releases.Run, any Error>) {
    condition.withLock {
      results[index] = result
      condition.signal()
    }
  }

  func wait(for count: Int) throws -> [Releases.Run] {
    condition.lock()
    defer { condition.unlock() }
    while results.count < count { condition.wait() }
    return try (0..<count).compactMap { try results[$0]?.get() }
  }
}
