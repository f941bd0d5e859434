internal import CLinux
internal import Glibc

/// The kernel's limits on this process; see getrlimit(2).
enum ResourceLimit {
  /// Returns a limit.
  ///
  /// - Throws: `SystemError` if getrlimit(2) fails.
  static func value(of resource: __rlimit_resource) throws(SystemError) -> rlimit {
    var limit = rlimit()
    try systemCall("getrlimit") { getrlimit(__rlimit_resource_t(resource.rawValue), &limit) }
    return limit
  }

  /// Sets a limit; see setrlimit(2).
  ///
  /// - Throws: `SystemError` if setrlimit(2) fails.
  static func set(_ resource: __rlimit_resource, to limit: rlimit) throws(SystemError) {
    var limit = limit
    try systemCall("setrlimit") { setrlimit(__rlimit_resource_t(resource.rawValue), &limit) }
  }
}
