import Foundation
import TestSupport
import Testing

/// Numbers, durations and sizes that no program should be given.
enum HostileNumber {
  static let whole = [
    "-1", "0", "007", "1", "2147483647", "2147483648", "4294967296", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "99999999999999999999", "1e308", "NaN", "inf",
    "0x10", "1e3", "1.5", "", String(repeating: "9", count: 400),
  ]
  static let durations =
    product(
      ["-1", "1.5", "9999999999999", "9223372036854775807", "99999999999999999999", "1e3", "NaN"],
      ["", "s", "ms", "d", "w"]) + ["365250d", "30d", "999999999999ms", "999999999999.999s", "0s"]
  static let sizes =
    product(
      ["-1", "1.5", "16", "9223372036854775807", "99999999999999999999", "1e3", "NaN"],
      ["", "B", "KiB", "TiB", "EiB"]) + ["8388607TiB", "8388608TiB", "0"]

  private static func product(_ numbers: [String], _ units: [String]) -> [String] {
    numbers.flatMap { number in units.map { number + $0 } }
  }

  /// The options with numbers: the command before the value, and the values.
  static let options: [(command: [String], values: [String])] = [
    (["history", "--limit"], whole), (["logs", "3", "--lines"], whole),
    (["diagnose", "--timeout"], durations), (["wait", "r3", "--timeout"], durations),
    (["deploy", "ARCHIVE", "--dry-run", "--size"], whole + sizes),
    (["unpack", "ARCHIVE", "--dry-run", "--strip-components"], whole),
    (["unpack", "ARCHIVE", "--size"], sizes), (["prune", "--dry-run", "--keep"], whole),
    (["prune", "--dry-run", "--keep", "1", "--keep-within"], durations),
    (["pin", "2", "--reason", "x", "--wait"], durations), (["activate"], whole),
    (["gate", "--allow", "operator", "--name", "x", "--max-sessions"], whole),
    (["gate", "--allow", "operator", "--name", "x", "--max-upload"], durations),
    (["unpack", "ARCHIVE", "--id"], whole),
  ]

  /// The keys with numbers: a configuration in which VALUE stands for the number, and the values.
  static let keys: [(configuration: String, values: [String])] =
    [
      ("keep: {count: VALUE}", whole), ("keep: {age: VALUE}", durations),
      ("keep: {min-free: VALUE}", sizes), ("keep: {min-free-inodes: VALUE}", whole),
      ("hooks: {activate: {run: 'true', timeout: VALUE}}", durations),
      ("health: {command: 'true', timeout: VALUE}", durations),
      ("health: {command: 'true', interval: VALUE}", durations),
      ("health: {command: 'true', timeout: 1s, successes: VALUE}", whole),
      ("health: {command: 'true', restarts: VALUE}", whole),
      ("health: {url: 'http://127.0.0.1:1/', timeout: 1s, status: VALUE}", whole),
    ]
    + [
      ("max-bytes", sizes), ("max-entries", whole), ("max-ratio", whole), ("max-depth", whole),
      ("max-name-length", whole), ("max-metadata", sizes), ("max-processor-time", durations),
      ("max-idle", durations), ("max-stall", durations), ("strip-components", whole),
    ].map { ("unpack: {\($0.0): VALUE}", $0.1) }

  /// What replaces a number in a record, as JSON.
  static let inRecords = [
    "-1", "0", "2147483648", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "18446744073709551614", "18446744073709551615",
    "99999999999999999999", "1e308", "1.5", "\"1e3\"",
  ]
  /// What replaces a value in a manifest.
  static let inManifests =
    whole.map { $0.isEmpty ? "" : $0 } + [
      "-9223372036854775808", "18446744073709551616", "9223372036854775807.999999999",
      "0.99999999999999999999", "07777777777777777777777", "010000000000", "99999",
      String(repeating: "f", count: 64), String(repeating: "0", count: 1 << 16),
    ]
  /// What replaces a time in a record, as JSON.
  static let timesInRecords = [
    "\"0000-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"1970-01-01T00:00:00Z\"", "\"x\"",
    "5",
  ]
}
