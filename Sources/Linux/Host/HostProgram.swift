internal import Glibc

/// Finds programs of the host.
package enum HostProgram {
  /// The directories in which distributions install programs. The caller's PATH is not used.
  package static let directories = ["/usr/bin", "/bin", "/usr/local/bin"]

  /// All directories of programs, those for administrators included, in the order in which shells
  /// usually search them.
  package static let allDirectories = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]
  /// The environment of programs whose output is parsed. Nothing of the caller's environment is in
  /// it.
  package static let environment = [
    "LC_ALL": "C", "PATH": directories.joined(separator: ":"),
  ]

  /// Returns the full path of a program; nil when none of the directories contains it.
  package static func find(_ name: String, in directories: [String] = directories) -> String? {
    directories.map { "\($0)/\(name)" }.first { path in
      guard let status = try? status(ofPath: path) else { return false }
      return status.kind == .file && status.permissions & 0o111 != 0
    }
  }

  /// Returns the names of all programs in some directories, sorted, without directories that can't be
  /// read.
  package static func names(in directories: [String]) -> [String] {
    Set(
      directories.flatMap { directory in
        ((try? Descriptor.openDirectory(directory).entries()) ?? []).map(\.name)
      }
    ).sorted()
  }

  /// Whether this user may run a program; see access(2). The call checks the real user, who is also
  /// the effective one: this program is not set-user-ID.
  package static func mayExecute(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Whether this user may make and remove files in a directory; see access(2). It is false on a file
  /// system that is mounted read-only.
  package static func mayChange(_ directory: String) -> Bool {
    access(directory, W_OK | X_OK) == 0
  }
}
