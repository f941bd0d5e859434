internal import CLinux
internal import Glibc

/// An open file or directory, closed when its owner goes. Every one is close-on-exec.
package struct Descriptor: ~Copyable, Sendable {
  package let raw: Int32

  /// Takes ownership of a descriptor some call has just returned.
  package init(owning raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  /// Closes and reports what close(2) says: on some file systems (NFS, quotas) the place where a
  /// write that was taken earlier is refused.
  package consuming func close() throws(SystemError) {
    let raw = self.raw
    discard self
    // Never tried again: on Linux the descriptor is gone even after EINTR.
    if Glibc.close(raw) == -1, Errno.current != .interrupted {
      throw SystemError(call: "close", errno: .current)
    }
  }

  /// The path the kernel knows this descriptor by; for messages.
  package var path: String? { Descriptor.path(of: raw) }

  /// The path of this directory beneath another, as the kernel knows both; nil when it does not lie
  /// there, or the path is not UTF-8.
  package func path(beneath directory: borrowing Descriptor) -> String? {
    guard let own = try? readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(raw)"),
      let base = try? readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(directory.raw)"),
      let rest = bytes(of: own, beneath: base)
    else { return nil }
    return String(validating: rest, as: UTF8.self)
  }

  static func path(of raw: Int32) -> String? {
    if raw == AT_FDCWD { return nil }
    return try? Linux.readLink(at: AT_FDCWD, "/proc/self/fd/\(raw)")
  }

  /// The full path of a name beneath this directory; for messages.
  func path(of name: String) -> String {
    if name.isAbsolutePath || raw == AT_FDCWD { return name }
    guard let path else { return name }
    return name == "." ? path : "\(path)/\(name)"
  }
}

// MARK: - Opening by path

/// What open(2) is asked for; the names are those of the C flags.
package struct OpenFlags: OptionSet, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let readOnly = OpenFlags([])
  package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
  package static let readWrite = OpenFlags(rawValue: O_RDWR)
  package static let create = OpenFlags(rawValue: O_CREAT)
  package static let exclusive = OpenFlags(rawValue: O_EXCL)
  package static let append = OpenFlags(rawValue: O_APPEND)
  package static let directory = OpenFlags(rawValue: O_DIRECTORY)
  package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
  /// Only to name what is there, whatever it is.
  package static let path = OpenFlags(rawValue: Int32(CLINUX_O_PATH))
  package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
}

extension Descriptor {
  /// Opens a path, absolute or relative to the working directory.
  package static func open(
    _ path: String, _ flags: OpenFlags = .readOnly, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try attempt("open", path) {
        Glibc.open(path, flags.rawValue | O_CLOEXEC, mode)
      })
  }

  /// A second descriptor of the same open file, such as standard input.
  package static func duplicate(_ raw: Int32) throws(SystemError) -> Descriptor {
    Descriptor(owning: try attempt("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 3) })
  }
}
