internal import Glibc

/// A system call that failed: which one, on which file, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// The C function, for example "renameat2".
  package let call: String
  /// The full path it was given, where the kernel could still tell.
  package let path: String?
  package let errno: Errno

  package init(call: String, path: String? = nil, errno: Errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// A flush failed: the kernel may have dropped the pages and marked them clean, so neither
  /// success nor a second try means anything any more.
  package var isLostWrite: Bool {
    call == "fsync" || call == "fdatasync" || call == "syncfs"
  }
}

extension SystemError: CustomStringConvertible {
  package var description: String {
    if let path { return "\(path): \(errno) (\(call))" }
    return "\(errno) (\(call))"
  }
}

/// Runs a system call until it is not interrupted. The one place that reads `errno`.
///
/// - Parameters:
///   - call: the C function's name, for the error.
///   - path: worked out only when the call fails.
/// - Returns: what the call returned, never -1.
@discardableResult
func attempt<Result: FixedWidthInteger & SignedInteger>(
  _ call: String, _ path: @autoclosure () -> String? = nil, _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = Errno.current
    if code == .interrupted { continue }
    throw SystemError(call: call, path: path(), errno: code)
  }
}

// MARK: - Error numbers

/// An error number of the kernel, see errno(3).
package struct Errno: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The number the last failed call of this thread left behind.
  static var current: Errno { Errno(rawValue: errno) }

  package static let notPermitted = Errno(rawValue: EPERM)
  /// The kernel lacks the call, or a seccomp filter says so (ENOSYS).
  package static let notImplemented = Errno(rawValue: ENOSYS)
  package static let noEntry = Errno(rawValue: ENOENT)
  package static let noProcess = Errno(rawValue: ESRCH)
  package static let interrupted = Errno(rawValue: EINTR)
  package static let inputOutput = Errno(rawValue: EIO)
  package static let wouldBlock = Errno(rawValue: EAGAIN)
  package static let accessDenied = Errno(rawValue: EACCES)
  package static let exists = Errno(rawValue: EEXIST)
  package static let crossDevice = Errno(rawValue: EXDEV)
  package static let notADirectory = Errno(rawValue: ENOTDIR)
  package static let isADirectory = Errno(rawValue: EISDIR)
  package static let invalid = Errno(rawValue: EINVAL)
  package static let noSpace = Errno(rawValue: ENOSPC)
  package static let quotaExceeded = Errno(rawValue: EDQUOT)
  package static let readOnlyFileSystem = Errno(rawValue: EROFS)
  package static let fileTooBig = Errno(rawValue: EFBIG)
  package static let brokenPipe = Errno(rawValue: EPIPE)
  package static let tooManyLinks = Errno(rawValue: ELOOP)
  /// This process is at its limit of open files (EMFILE).
  package static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  /// A file can have no more names (EMLINK).
  package static let tooManyNames = Errno(rawValue: EMLINK)
  package static let notEmpty = Errno(rawValue: ENOTEMPTY)
  package static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
  /// A file that is neither a program nor a script (ENOEXEC).
  package static let notAProgram = Errno(rawValue: ENOEXEC)
  package static let illegalBytes = Errno(rawValue: EILSEQ)

  /// This process or the host is at its limit of open files (EMFILE, ENFILE).
  package var isOutOfDescriptors: Bool { self == .tooManyOpenFiles || rawValue == ENFILE }

  /// No room left: bytes, inodes or quota.
  package var isOutOfSpace: Bool { self == .noSpace || self == .quotaExceeded }

  /// The kernel or the file system lacks the call or flag, or a container or a systemd unit blocks
  /// it. EPERM and EINVAL can also be genuine; the fallback then fails with the same error.
  var isUnsupported: Bool {
    [ENOSYS, EPERM, EINVAL, EOPNOTSUPP].contains(rawValue)
  }

  /// The caller lacks a right, or the file system takes no writes.
  package var isRefusal: Bool {
    self == .accessDenied || self == .notPermitted || self == .readOnlyFileSystem
  }
}

extension Errno: CustomStringConvertible {
  /// The C library's sentence for it, lower case, such as "no such file or directory".
  package var description: String {
    let sentence = String(cString: strerror(rawValue))
    guard let first = sentence.first, sentence.dropFirst().first?.isLowercase == true else {
      return sentence
    }
    return first.lowercased() + sentence.dropFirst()
  }
}
