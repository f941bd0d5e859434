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
    let environment = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester",
    ]
    .merging(environment) { $1 }
    let run = try Program.run(
      launcher + [binary] + arguments, input: input, environment: environment)
    DocumentValidation.expectValid(run.output, of: arguments)
    HintFollowing.follow(
      run, arguments, input: input, environment: environment, launcher: launcher)
    return run
  }

  /// Runs the command of a hint as a user types it. An editor creates the file.
  @discardableResult
  static func paste(_ command: String) throws -> Run {
    let tools = (binary as NSString).deletingLastPathComponent
    let path = "\(tools):/usr/sbin:/usr/bin:/sbin:/bin"
    let typed = try Program.run(
      ["sh", "-ec", command], environment: ["PATH": path, "EDITOR": "touch"])
    #expect(typed.status == 0, "\(command): \(typed.errors)")
    return typed
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

  /// Returns the command of the first warning whose hint has this text.
  func warningCommand(_ hint: String) -> String? {
    errors.components(separatedBy: "\n").lazy.compactMap { line -> String? in
      guard line.hasPrefix("releases: warning: "), let range = line.range(of: "; \(hint): ") else {
        return nil
      }
      return String(line[range.upperBound...])
    }.first
  }

  /// The command of the last warning, if it begins with sudo(8).
  var sudoCommand: String? {
    let warning = errors.components(separatedBy: "\n").last { $0.hasPrefix("releases: warning: ") }
    guard let warning, let range = warning.range(of: ": sudo ") else { return nil }
    return "sudo " + warning[range.upperBound...]
  }

  /// The single JSON document on standard output.
  var json: [String: Any] {
    get throws {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any])
    }
  }
}
