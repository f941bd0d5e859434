internal import Glibc

/// Where this process stands.
package enum WorkingDirectory {
  /// Nil when it has been removed, see getcwd(3).
  package static var path: String? {
    guard let buffer = getcwd(nil, 0) else { return nil }
    defer { free(buffer) }
    return String(validatingCString: buffer)
  }
}

extension ProcessFacts {
  /// Where another process stands, see proc_pid_cwd(5). Not everybody may know that (EACCES).
  package static func workingDirectory(of pid: Int32) throws(SystemError) -> Descriptor {
    try Descriptor.open("/proc/\(pid)/cwd", [.path, .directory])
  }
}
