internal import CLinux
internal import Glibc
internal import Text

/// An open file or directory that is closed at the end of its lifetime. All descriptors have the
/// close-on-exec flag.
package struct Descriptor: ~Copyable, Sendable {
  /// The number of the descriptor, for calls that have no wrapper here.
  package let raw: Int32

  /// Takes ownership of a descriptor that a call has just returned.
  package init(owning raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  /// Closes the file and reports the error of close(2). Some file systems (NFS, quotas) report only
  /// here that an earlier write failed.
  ///
  /// - Throws: `SystemError` if close(2) fails; the descriptor is closed in any case.
  package consuming func close() throws(SystemError) {
    let raw = self.raw
    discard self
    // Linux closes the descriptor even when it returns EINTR, so a second attempt would be wrong.
    if Glibc.close(raw) == -1, Errno.current != .interrupted {
      throw SystemError(call: "close", errno: .current)
    }
  }

  /// The path of this file according to `/proc`; for messages.
  package var path: String? { Descriptor.path(of: raw) }

  /// Returns the path of this directory relative to another one that it lies beneath; nil when it
  /// lies elsewhere, or the path is not UTF-8.
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

  /// Returns the full path of a name beneath this directory; for messages.
  func path(of name: String) -> String {
    if name.isAbsolutePath || raw == AT_FDCWD { return name }
    guard let path else { return name }
    return name == "." ? path : "\(path)/\(name)"
  }
}

// MARK: - Opening by path

/// The flags of open(2). The names are those of the C constants.
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
  /// Refers to a file without opening it for reading or writing, see O_PATH in open(2).
  package static let path = OpenFlags(rawValue: Int32(CLINUX_O_PATH))
  package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
}

extension Descriptor {
  /// Opens a path, absolute or relative to the working directory; see open(2).
  ///
  /// - Throws: `SystemError` if open(2) fails.
  package static func open(
    _ path: String, _ flags: OpenFlags = .readOnly, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try systemCall("open", path) {
        Glibc.open(path, flags.rawValue | O_CLOEXEC, mode)
      })
  }

  /// Returns a second descriptor of an open file, such as standard input, see F_DUPFD_CLOEXEC in
  /// fcntl(2).
  ///
  /// - Throws: `SystemError` if fcntl(2) fails.
  package static func duplicate(_ raw: Int32) throws(SystemError) -> Descriptor {
    Descriptor(owning: try systemCall("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 3) })
  }
}
