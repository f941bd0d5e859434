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

/// How this process makes files.
package enum FileCreation {
  /// The permission bits new files never get, see umask(2).
  package static func setMask(_ mask: FileMode) { umask(mask) }
}
