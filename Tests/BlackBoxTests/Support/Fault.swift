import Foundation

/// Launchers that make a certain system call of a run fail or end the run there.
enum Fault {
  /// Sends a signal at the `number`-th call of the first thread.
  static func signal(_ signal: String, at call: String, _ number: Int = 1) -> [String] {
    inject(call, "signal=\(signal):when=\(number)")
  }

  /// Makes the `number`-th call of the first thread fail.
  static func error(_ error: String, at call: String, _ number: Int = 1) -> [String] {
    inject(call, "error=\(error):when=\(number)")
  }

  private static func inject(_ call: String, _ what: String) -> [String] {
    [
      "strace", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "signal=none",
      "-e", "inject=\(call):\(what)",
    ]
  }
}
