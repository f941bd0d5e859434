import Foundation
import Testing

/// The built binary, run on a directory of its own.
struct Releases {
  /// What one run left behind.
  struct Run: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// The one JSON document on standard output.
    var json: [String: Any] {
      get throws {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(value as? [String: Any])
      }
    }

    /// The lines of standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// The binary that RELEASES_BINARY names, else the one beside the tests.
  static let binary: String = {
    if let path = ProcessInfo.processInfo.environment["RELEASES_BINARY"] { return path }
    var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appendingPathComponent("releases").path
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory),
        !isDirectory.boolValue
      {
        return candidate
      }
      directory.deleteLastPathComponent()
    }
    return ".build/debug/releases"
  }()

  /// Runs the binary with its own environment and nothing else's.
  static func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    launcher: [String] = []
  ) throws -> Run {
    try Program.run(
      launcher + [binary] + arguments, input: input,
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester"]
        .merging(environment) { $1 })
  }
}

/// Any program, run to its end.
enum Program {
  static func run(
    _ words: [String], input: Data? = nil, environment: [String: String]? = nil,
    directory: String? = nil
  ) throws -> Releases.Run {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    if let environment { process.environment = environment }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    let feed = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : feed
    try process.runUnmasked()
    let feeder = Thread {
      try? feed.fileHandleForWriting.write(contentsOf: input ?? Data())
      try? feed.fileHandleForWriting.close()
    }
    if input != nil { feeder.start() }
    // What hangs is a failure, not the end of all tests.
    let pid = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: watchdog)
    defer { watchdog.cancel() }
    let collector = Collector(errors.fileHandleForReading)
    let written = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Releases.Run(
      status: process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus,
      output: String(decoding: written, as: UTF8.self),
      errors: String(decoding: collector.finish(), as: UTF8.self))
  }
}

extension Process {
  /// Starts it as a shell would. The threads tests run on block signals, and a program that inherits
  /// that can't be ended by them.
  func runUnmasked() throws {
    var none = sigset_t()
    var mask = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &mask)
    defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
    try run()
  }
}

/// Reads one stream to its end beside another.
private final class Collector: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  init(_ handle: FileHandle) {
    Thread {
      self.data = (try? handle.readToEnd()) ?? Data()
      self.done.signal()
    }.start()
  }

  func finish() -> Data {
    done.wait()
    return data
  }
}
