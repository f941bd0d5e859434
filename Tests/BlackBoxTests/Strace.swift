import Foundation
import Testing

/// A system call of a run, and how to meet it again in a run that goes the same way.
struct SystemCall: Sendable, CustomStringConvertible {
  let name: String
  /// Which of that name, from 1: so strace counts.
  let ordinal: Int
  /// The line of the log.
  let text: String

  var description: String { "\(name)#\(ordinal), \(text)" }

  /// Its ordinal is the same in every run. `openat` also opens what belongs to other processes.
  var isExact: Bool { name != "openat" }
}

/// strace(1): watches the real binary, kills it or has its calls fail, so that the product needs
/// no code for tests.
enum Strace {
  /// All that changes a file system, or makes a change last.
  private static let mutating = [
    "write", "pwrite64", "writev", "pwritev", "renameat", "renameat2", "rename", "symlinkat",
    "symlink", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "linkat", "link", "ftruncate",
    "truncate", "fallocate", "fsync", "fdatasync", "syncfs", "sync_file_range", "fchmod",
    "fchmodat", "fchownat", "utimensat", "copy_file_range", "sendfile", "ioctl",
    "flock",
  ]

  /// Runs a command of a store to its end. Only its first thread is watched, which makes all
  /// changes but those of the worker that unpacks; see ``WorkerTests``.
  ///
  /// - Returns: the run and, in order, the calls that change something.
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

  /// What to start a command with so that it dies as it enters a call.
  static func killing(at call: SystemCall) -> [String] {
    Fault.signal("KILL", at: call.name, call.ordinal)
  }

  /// What to start a command with so that a call fails without having done anything.
  static func failing(_ call: SystemCall, with error: String) -> [String] {
    Fault.error(error, at: call.name, call.ordinal)
  }
}
