import Foundation
import TestSupport
import Testing

/// The worker process of a running unpack, seen through /proc.
struct UnpackWorker {
  let pid: String

  /// Waits until the worker has set up its sandbox.
  init(of command: BackgroundProgram, in store: TestStore) throws {
    let children = "/proc/\(command.pid)/task/\(command.pid)/children"
    var found = ""
    try store.waitUntil("there is a worker") {
      let text = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
      found = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !found.isEmpty else { return false }
      let status = try? String(contentsOfFile: "/proc/\(found)/status", encoding: .utf8)
      return status?.contains("Seccomp:\t2") == true
    }
    pid = found
  }

  func send(_ signal: Int32) { kill(Int32(pid) ?? 0, signal) }

  func status(_ key: String) throws -> String {
    let line = try lines("status").first { $0.hasPrefix(key + ":") }
    return try #require(line).dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces)
  }

  /// Returns a soft limit of the worker.
  func limit(_ name: String) throws -> String {
    let line = try lines("limits").first { $0.hasPrefix(name) }
    return try #require(line).dropFirst(name.count).split(separator: " ").first.map(String.init)
      ?? ""
  }

  func openFiles() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
    return names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
    }
  }

  private func lines(_ file: String) throws -> [Substring] {
    try String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8).split(separator: "\n")
  }
}
