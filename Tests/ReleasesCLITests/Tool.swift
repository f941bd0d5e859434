import Foundation

/// A program of the host that judges what was generated.
enum Tool {
  struct Result {
    let status: Int32
    let output: String
  }

  /// Runs it with a text on standard input; what it says on either stream is its output.
  static func run(_ words: [String], input: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let toProcess = Pipe()
    let fromProcess = Pipe()
    process.standardInput = toProcess
    process.standardOutput = fromProcess
    process.standardError = fromProcess
    try process.run()
    let writer = Thread {
      try? toProcess.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try? toProcess.fileHandleForWriting.close()
    }
    writer.start()
    let output = try fromProcess.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  static func isInstalled(_ name: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }
}
