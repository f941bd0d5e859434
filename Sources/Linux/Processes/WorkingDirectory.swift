internal import Glibc

/// The working directory of this process.
package enum WorkingDirectory {
  /// The absolute path; see getcwd(3); nil when the directory was removed.
  package static var path: String? {
    guard let buffer = getcwd(nil, 0) else { return nil }
    defer { free(buffer) }
    return String(validatingCString: buffer)
  }
}

extension ProcessFacts {
  /// Opens the working directory of another process; see proc_pid_cwd(5).
  ///
  /// - Throws: `SystemError` if open(2) fails; EACCES if this user may not see it.
  package static func workingDirectory(of pid: Int32) throws(SystemError) -> Descriptor {
    try Descriptor.open("/proc/\(pid)/cwd", [.path, .directory])
  }
}
