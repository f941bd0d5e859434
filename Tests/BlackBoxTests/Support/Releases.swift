import Foundation
import TestSupport
import Testing

/// Runs the built binary.
enum Releases {
  typealias Run = ProgramRun

  /// The path of the binary: that in RELEASES_BINARY, otherwise the one beside the tests.
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

  /// Runs the binary with a fixed environment.
  static func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    launcher: [String] = []
  ) throws -> Run {
    let run = try Program.run(
      launcher + [binary] + arguments, input: input,
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester"]
        .merging(environment) { $1 })
    DocumentValidation.expectValid(run.output, of: arguments)
    return run
  }
}

extension ProgramRun {
  /// The command of the hint on standard error, which has a line of its own; nil without one.
  var hintCommand: String? {
    let lines = errors.components(separatedBy: "\n")
    guard let hint = lines.lastIndex(where: { $0.hasPrefix("releases: hint: ") }),
      lines[hint].hasSuffix(":"), lines[hint + 1].hasPrefix("  ")
    else { return nil }
    return String(lines[hint + 1].dropFirst(2))
  }

  /// The single JSON document on standard output.
  var json: [String: Any] {
    get throws {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any])
    }
  }
}
