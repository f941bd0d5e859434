internal import Glibc

/// A system call that failed: which one, on which file, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// The C function, for example "renameat2".
  package let call: String
  /// The full path it was given, where the kernel could still tell.
  package let path: String?
  package let errno: Errno

  package init(call: String, path: String? = nil, errno: Errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// A flush failed: the kernel may have dropped the pages and marked them clean, so neither
  /// success nor a second try means anything any more.
  package var isLostWrite: Bool {
    call == "fsync" || call == "fdatasync" || call == "syncfs"
  }
}

extension SystemError: CustomStringConvertible {
  package var description: String {
    if let path { return "\(path): \(errno) (\(call))" }
    return "\(errno) (\(call))"
  }
}

/// Runs a system call until it is not interrupted. The one place that reads `errno`.
///
/// - Parameters:
///   - call: the C function's name, for the error.
///   - path: worked out only when the call fails.
/// - Returns: what the call returned, never -1.
@discardableResult
func attempt<Result: FixedWidthInteger & SignedInteger>(
  _ call: String, _ path: @autoclosure () -> String? = nil, _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = Errno.current
    if code == .interrupted { continue }
    throw SystemError(call: call, path: path(), errno: code)
  }
}
