import Foundation
import TestSupport
import Testing

/// The report of diagnose.
enum DiagnosisReport {
  static let names = [
    "releases", "status", "list", "check", "history", "unit", "unit log", "health", "ports",
    "processes", "space", "inodes", "system", "os-release", "date", "uptime", "journal", "logs",
    "configuration", "permissions",
  ]
  static let hostNames = [
    "ports", "processes", "space", "inodes", "system", "os-release", "date", "uptime",
  ]

  static func sections(of run: Releases.Run) throws -> [String: [String: Any]] {
    let all = try #require(try run.json["sections"] as? [[String: Any]])
    for section in all { #expect(Set(section.keys) == ["name", "seconds", "outcome", "text"]) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0["name"] as? String ?? "", $0) })
  }
}
