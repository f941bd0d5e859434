import Foundation
import TestSupport
import Testing

/// A system call of a run that can be found again in an equal run.
struct SystemCall: Sendable, CustomStringConvertible {
  let name: String
  /// The number of the call among those of its name, from 1, as strace counts.
  let ordinal: Int
  /// The call's line in the log.
  let text: String

  var description: String { "\(name)#\(ordinal), \(text)" }

  /// Whether the ordinal is the same in every run. `openat` also opens files of other processes,
  /// whose number varies.
  var isExact: Bool { name != "openat" }
}

/// Runs the binary under strace(1), which records its calls, kills it or makes calls fail. The
/// product needs no code for tests.
enum Strace {
  /// The calls that change a file system or make a change durable.
  private static let mutating = [
    "write", "pwrite64", "writev", "pwritev", "renameat", "renameat2", "rename", "symlinkat",
    "symlink", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "linkat", "link", "ftruncate",
    "truncate", "fallocate", "fsync", "fdatasync", "syncfs", "sync_file_range", "fchmod",
    "fchmodat", "fchownat", "utimensat", "copy_file_range", "sendfile", "ioctl",
    "flock",
  ]

  /// Runs a command of a store to its end. Only the first thread is traced: it makes all changes
  /// but those of the unpack worker; see ``UnpackWorkerTests``.
  ///
  /// - Returns: the run and its changing calls in order.
  static func watch(
    _ arguments: [String], in store: TestStore
  ) throws -> (run: Releases.Run, calls: [SystemCall]) {
    let log = "\(store.directory)/\(UUID().uuidString).strace"
    let traced = (mutating + ["openat", "openat2"]).joined(separator: ",")
    let run = try store.run(
      arguments, launcher: ["strace", "-s", "64", "-o", log, "-e", "trace=\(traced)"])
    let lines = try #require(try? String(contentsOfFile: log, encoding: .utf8), "\(run.errors)")
      .split(separator: "\n")
    try FileManager.default.removeItem(atPath: log)
    return (run, calls(in: lines))
  }

  private static func calls(in lines: [Substring]) -> [SystemCall] {
    var counts: [String: Int] = [:]
    return lines.compactMap { line in
      guard let parenthesis = line.firstIndex(of: "(") else { return nil }
      let name = String(line[..<parenthesis])
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
      let ordinal = counts[name, default: 0] + 1
      counts[name] = ordinal
      if name.hasPrefix("openat"), !line.contains("O_CREAT"), !line.contains("O_TMPFILE") {
        return nil
      }
      if name == "ioctl", !line.contains("FICLONE"), !line.contains("FIDEDUPERANGE") { return nil }
      return SystemCall(name: name, ordinal: ordinal, text: String(line))
    }
  }

  /// Returns a launcher that kills the command as it enters a call.
  static func killing(at call: SystemCall) -> [String] {
    Fault.signal("KILL", at: call.name, call.ordinal)
  }

  /// Returns a launcher that makes a call fail without an effect.
  static func failing(_ call: SystemCall, with error: String) -> [String] {
    Fault.error(error, at: call.name, call.ordinal)
  }
}
