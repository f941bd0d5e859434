import Foundation
import Testing

/// What goes wrong around a run: a launcher that does it at a certain system call.
enum Fault {
  /// Sends a signal at the `number`-th call of the first thread.
  static func signal(_ signal: String, at call: String, _ number: Int = 1) -> [String] {
    inject(call, "signal=\(signal):when=\(number)")
  }

  /// Lets the `number`-th call of the first thread fail.
  static func error(_ error: String, at call: String, _ number: Int = 1) -> [String] {
    inject(call, "error=\(error):when=\(number)")
  }

  private static func inject(_ call: String, _ what: String) -> [String] {
    [
      "strace", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "signal=none",
      "-e", "inject=\(call):\(what)",
    ]
  }
}

/// A program that runs beside the test; killed at the latest when the value goes.
final class Companion {
  private let process = Process()
  private let feed = Pipe()
  private let answers = Pipe()

  init(
    _ words: [String], directory: String? = nil,
    environment: [String: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
  ) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = environment
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.standardInput = feed
    process.standardOutput = answers
    process.standardError = FileHandle.nullDevice
    try process.runUnmasked()
  }

  deinit {
    // What it started may read on, and is waited for too.
    try? feed.fileHandleForWriting.close()
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// What it writes, until the first piece has come.
  func firstAnswer() -> String {
    String(decoding: answers.fileHandleForReading.availableData, as: UTF8.self)
  }

  var pid: Int32 { process.processIdentifier }

  func write(_ data: Data) throws { try feed.fileHandleForWriting.write(contentsOf: data) }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Closes its input and waits for its end.
  ///
  /// - Returns: its status; 128+n when signal n ended it.
  @discardableResult
  func end() -> Int32 {
    try? feed.fileHandleForWriting.close()
    return status()
  }

  /// Waits for its end, its input still open.
  func status() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
      ? 128 + process.terminationStatus : process.terminationStatus
  }
}

extension TestStore {
  /// Starts the binary on this store beside the test.
  func start(_ arguments: [String]) throws -> Companion {
    try Companion([Releases.binary, "--store", path] + arguments)
  }

  /// Runs several commands at the same time, and returns how each went.
  func runAtOnce(_ commands: [[String]]) throws -> [Releases.Run] {
    let runs = Runs()
    let threads = commands.enumerated().map { index, arguments in
      Thread { runs.put(index, Result { try self.run(arguments) }) }
    }
    for thread in threads { thread.start() }
    return try runs.wait(for: commands.count)
  }

  /// Holds the store's lock as another process, until the value is ended.
  func holdLock() throws -> Companion {
    let holder = try Companion(
      ["flock", "--exclusive", "\(path)/.releases/lock", "sh", "-c", "echo held; exec cat"])
    #expect(holder.firstAnswer() == "held\n")
    return holder
  }

  /// Asks again until something is so, for ten seconds at most.
  func waitUntil(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () throws -> Bool
  ) throws {
    let deadline = Date(timeIntervalSinceNow: 30)
    while try !isSo() {
      try #require(Date() < deadline, "never: \(what)", sourceLocation: sourceLocation)
      usleep(1000)
    }
  }
}

/// The ends of runs on several threads.
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
