internal import CLinux
internal import Glibc

/// Facts about this process, and about others as `/proc` shows them.
package enum ProcessFacts {
  /// The process ID; see getpid(2).
  package static var pid: Int32 { getpid() }
  /// The effective user ID; see geteuid(2).
  package static var effectiveUser: UserID { geteuid() }

  /// Returns the environment variables that this process was started with; see environ(7). Bytes
  /// that are not UTF-8 are replaced, so a path that contains them names no file; see
  /// ``isUTF8(variables:)``.
  package static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let pointer = next.pointee {
      next += 1
      let text = String(cString: pointer)
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      variables[String(text[..<equals])] = String(text[text.utf8.index(after: equals)...])
    }
    return variables
  }

  /// The arguments of this process, its own name first. They must be read before anything changes
  /// the environment. `CommandLine` would need `/proc`.
  nonisolated(unsafe) private static let argumentPointers: [UnsafeMutablePointer<CChar>] = {
    var count = 0
    guard let first = clinux_arguments(environ, &count) else { return [] }
    return (0..<count).compactMap { first[$0] }
  }()

  /// Returns the arguments of this process, without its own name. Bytes that are not UTF-8 are
  /// replaced; see ``isUTF8(variables:)``.
  package static func arguments() -> [String] {
    argumentPointers.dropFirst().map { String(cString: $0) }
  }

  /// Whether all arguments of this process and these of its environment variables are UTF-8. Others
  /// could be confused with a different, valid text.
  package static func isUTF8(variables names: [String]) -> Bool {
    let values = names.compactMap { getenv($0) }
    return (argumentPointers + values).allSatisfy { String(validatingCString: $0) != nil }
  }

  /// The number of files that this process may have open at once, see RLIMIT_NOFILE in
  /// getrlimit(2).
  package static var descriptorLimit: Int {
    guard let limit = try? ResourceLimit.value(of: RLIMIT_NOFILE) else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

  /// Raises the limit of open files as far as permitted, since walking a tree takes one or two
  /// files for each level. It remains at or below 8192: deeper recursion would overflow the stack.
  /// See setrlimit(2).
  package static func raiseDescriptorLimit() {
    guard var limit = try? ResourceLimit.value(of: RLIMIT_NOFILE) else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8192))
    try? ResourceLimit.set(RLIMIT_NOFILE, to: limit)
  }
}
