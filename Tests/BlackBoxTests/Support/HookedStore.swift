import Foundation
import TestSupport
import Testing

/// A store whose hooks record that they ran and whose releases work unless their VERSION says
/// otherwise.
extension TestStore {
  /// The log of the hooks, with a line `EVENT ID` for each run.
  var hookLog: String { "\(directory)/hooks.log" }

  /// Configures hooks that fail for a VERSION of `unpreparable` or `unstartable` and a health check
  /// that fails for `unhealthy`.
  func writeHooks(
    prepare: Bool = true, timeout: String = "1s", further: String = ""
  ) throws {
    let log = "echo \"$RELEASES_EVENT $RELEASES_ID\" >> \(hookLog)"
    let prepareHook = """
        prepare: {run: '\(log); echo built > built; ! grep -q unpreparable VERSION'}

      """
    try write(
      "releases.yaml",
      """
      hooks:
      \(prepare ? prepareHook : "")\
        activate: {run: '\(log); ! grep -q unstartable VERSION'}
        succeeded: {run: '\(log)'}
        failed: {run: '\(log)'}
      health: {command: '! grep -q unhealthy VERSION', timeout: \(timeout)}
      \(further)
      """)
  }

  /// Returns the lines that hooks wrote since the last call.
  func takeHookLines() -> [String] {
    defer { try? FileManager.default.removeItem(atPath: hookLog) }
    let text = (try? String(contentsOfFile: hookLog, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// Packs a release with this VERSION.
  func packRelease(_ version: String) throws -> String {
    try archive(["VERSION": version, "bin/run": "#!/bin/sh\necho \(version)\n"])
  }

  /// Returns the entry of `list` for a release.
  func entry(of id: String) throws -> [String: Any] {
    try #require(try releases()[id])
  }

  /// Returns the newest entry of the history.
  func lastTransaction() throws -> [String: Any] {
    try #require(try history().first)
  }
}

extension Releases.Run {
  /// The steps of a report with their outcomes, such as `health failed`.
  var steps: [String] {
    get throws {
      try #require(try json["steps"] as? [[String: Any]]).map {
        "\($0["name"] as? String ?? "?") \($0["outcome"] as? String ?? "?")"
      }
    }
  }

  /// The error of a report.
  var error: [String: Any] {
    get throws { try #require(try json["error"] as? [String: Any]) }
  }
}
