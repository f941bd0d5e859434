/// Programs of the host.
package enum HostProgram {
  /// Where distributions put them; no variable of whoever calls has a say in what we start.
  package static let directories = ["/usr/bin", "/bin", "/usr/local/bin"]

  /// With those where some distributions put what tells about the host.
  package static let allDirectories = directories + ["/usr/sbin", "/sbin"]

  /// The full path of a program; nil when it is in none of the directories.
  package static func find(_ name: String, in directories: [String] = directories) -> String? {
    directories.map { "\($0)/\(name)" }.first { path in
      guard let status = try? status(ofPath: path) else { return false }
      return status.kind == .file && status.permissions & 0o111 != 0
    }
  }
}
