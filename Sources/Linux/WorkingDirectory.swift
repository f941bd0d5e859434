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

extension Descriptor {
  /// This directory and those it lies in, up to the root, or to where one has been removed.
  package func ancestry() throws(SystemError) -> [FileStatus] {
    var statuses = [try status()]
    do throws(SystemError) {
      var directory = try open("..", [.path, .directory])
      while case let status = try directory.status(), status.identity != statuses.last?.identity {
        statuses.append(status)
        directory = try directory.open("..", [.path, .directory])
      }
    } catch let error where error.errno == .noEntry {
      return statuses
    }
    return statuses
  }
}

/// How this process makes files.
package enum FileCreation {
  /// The permission bits new files never get, see umask(2).
  package static func setMask(_ mask: FileMode) { umask(mask) }
}
