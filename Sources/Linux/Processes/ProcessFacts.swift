internal import CLinux
internal import Glibc
internal import Synchronization

/// Who runs, and which machine start this is.
package enum ProcessFacts {
  package static var pid: Int32 { getpid() }
  package static var effectiveUser: UserID { geteuid() }
  /// When a process began, in clock ticks since boot; with the pid and the boot id it names a
  /// process for good. Nil when there is no such process. See proc(5), field 22 of stat.
  package static func startTime(of pid: Int32) -> UInt64? {
    guard let bytes = try? Descriptor.open("/proc/\(pid)/stat").readAll(),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// The variables this process was started with. What is no UTF-8 is spelled legibly: a path like
  /// that must name nothing, rather than be taken for not given.
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

  /// The arguments of this process, its own name first. Read them before anything changes the
  /// variables. `CommandLine` would need `/proc`.
  nonisolated(unsafe) private static let words: [UnsafeMutablePointer<CChar>] = {
    var count = 0
    guard let first = clinux_arguments(environ, &count) else { return [] }
    return (0..<count).compactMap { first[$0] }
  }()

  /// The arguments of this process, without its own name. Bytes that are not UTF-8 are replaced,
  /// see ``isUTF8(variables:)``.
  package static func arguments() -> [String] { words.dropFirst().map { String(cString: $0) } }

  /// Whether all that this process was called with, and these of its variables, are UTF-8. What is
  /// not would be taken for something else that looks like it.
  package static func isUTF8(variables names: [String]) -> Bool {
    let values = names.compactMap { getenv($0) }
    return (words + values).allSatisfy { String(validatingCString: $0) != nil }
  }

  /// Lets this process open more files at once, where it may: a tree takes one or two for each
  /// level. No more than a stack has room for; see setrlimit(2).
  package static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8192))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many files this process may have open at once, see setrlimit(2).
  package static var descriptorLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

}
