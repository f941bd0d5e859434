import Foundation
import TestSupport
import Testing

/// A finding in a JSON document.
struct FindingDocument: Hashable, Sendable {
  let code: String
  let level: String
  let message: String
  let release: String?
  let command: String?

  init(_ members: [String: Any]) {
    code = members["code"] as? String ?? "?"
    level = members["level"] as? String ?? "?"
    message = members["message"] as? String ?? "?"
    release = members["release"] as? String
    command = members["command"] as? String
  }
}

extension Releases.Run {
  /// The findings of `status` or `list`.
  var findings: [FindingDocument] {
    get throws {
      try #require(try json["findings"] as? [[String: Any]]).map { FindingDocument($0) }
    }
  }

  /// The codes of the findings of `check`; empty strings for those without.
  var checkCodes: [String] {
    get throws {
      try #require(try json["findings"] as? [[String: Any]]).compactMap { $0["code"] as? String }
    }
  }
}

extension TestStore {
  /// Runs `status`, whose exit status must follow from its findings.
  func status(sourceLocation: SourceLocation = #_sourceLocation) throws -> Releases.Run {
    let run = try run(["status", "--json"])
    let problems = try run.findings.filter { $0.level == "problem" }
    #expect(run.status == (problems.isEmpty ? 0 : 7), "\(run)", sourceLocation: sourceLocation)
    return run
  }

  /// Expects that `status` and `list` have exactly these findings, and `check` and `metrics` as well.
  func expectFindings(
    _ codes: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let here = sourceLocation
    let status = try status(sourceLocation: here).findings.map(\.code)
    #expect(status == codes, sourceLocation: here)
    let ofStore = codes.filter { !["unhealthy", "serviceMismatch"].contains($0) }
    let list = try run(["list", "--json"]).findings.map(\.code)
    #expect(list == ofStore, "list", sourceLocation: here)
    let check = try run(["check", "--json"]).checkCodes
    #expect(ofStore.allSatisfy { check.contains($0) }, "check: \(check)", sourceLocation: here)
    let metrics = try run(["metrics"]).output
    for code in Set(ofStore) {
      let count = ofStore.filter { $0 == code }.count
      #expect(
        metrics.contains("code=\"\(code)\"} \(count)\n"), "metrics: \(code)", sourceLocation: here)
    }
  }

  /// Runs the command of a finding of `status` as it was printed.
  ///
  /// - Returns: its exit status and output.
  func follow(_ finding: FindingDocument) throws -> ProgramRun {
    let command = try #require(finding.command, "\(finding)")
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    return try Program.run(
      ["sh", "-ec", command],
      environment: ["PATH": "\(tools):/usr/sbin:/usr/bin:/sbin:/bin", "EDITOR": "touch"])
  }

  /// Follows the hint of a finding and expects that it does what it says.
  func follow(
    _ code: String, until codes: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let finding = try #require(
      try status(sourceLocation: sourceLocation).findings.first { $0.code == code },
      sourceLocation: sourceLocation)
    let typed = try follow(finding)
    #expect(typed.status == 0, "\(finding): \(typed.errors)", sourceLocation: sourceLocation)
    #expect(
      try status(sourceLocation: sourceLocation).findings.map(\.code) == codes,
      "after \(finding.command ?? "")", sourceLocation: sourceLocation)
  }
}
