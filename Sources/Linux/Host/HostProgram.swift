internal import Glibc

/// Programs of the host.
package enum HostProgram {
  /// Where distributions put them; no variable of whoever calls has a say in what we start.
  package static let directories = ["/usr/bin", "/bin", "/usr/local/bin"]

  /// With those for administrators, where some distributions put what tells about the host; in the
  /// order in which programs of other people's choice are looked for.
  package static let allDirectories = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]
  /// What they get to know when we read their answers: nothing of whoever calls.
  package static let environment = [
    "LC_ALL": "C", "PATH": directories.joined(separator: ":"),
  ]

  /// The full path of a program; nil when it is in none of the directories.
  package static func find(_ name: String, in directories: [String] = directories) -> String? {
    directories.map { "\($0)/\(name)" }.first { path in
      guard let status = try? status(ofPath: path) else { return false }
      return status.kind == .file && status.permissions & 0o111 != 0
    }
  }

  /// Whether the calling user may run a program, see access(2). The call checks the real user, who
  /// is also the effective one: this program is not set-user-ID.
  package static func mayExecute(_ path: String) -> Bool { access(path, X_OK) == 0 }
}
