import Foundation
import Testing

/// A store whose hooks write down that they ran, and whose releases work unless they say otherwise.
extension TestStore {
  /// The hook's log: a line `EVENT ID` each.
  var hookLog: String { "\(directory)/hooks.log" }

  /// A release is prepared unless its VERSION says `unpreparable`, starts unless that says
  /// `unstartable`, and is healthy unless that says `unhealthy`.
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

  /// What the hooks wrote since this was last asked.
  func takeHookLines() -> [String] {
    defer { try? FileManager.default.removeItem(atPath: hookLog) }
    let text = (try? String(contentsOfFile: hookLog, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// Packs a release whose VERSION says this.
  func release(_ version: String) throws -> String {
    try archive(["VERSION": version, "bin/run": "#!/bin/sh\necho \(version)\n"])
  }

  /// What `show` says of a release.
  func shown(_ id: String) throws -> [String: Any] {
    try #require(try releases()[id])
  }

  /// The newest line of the history.
  func lastTransaction() throws -> [String: Any] {
    try #require(try history().first)
  }
}

extension Releases.Run {
  /// The steps of a report and how they ended, such as `health failed`.
  var steps: [String] {
    get throws {
      try #require(try json["steps"] as? [[String: Any]]).map {
        "\($0["name"] as? String ?? "?") \($0["outcome"] as? String ?? "?")"
      }
    }
  }

  /// The failure of a report.
  var error: [String: Any] {
    get throws { try #require(try json["error"] as? [String: Any]) }
  }
}
