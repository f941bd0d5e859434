// The target Linux is the only one that makes system calls. It wraps the calls that the other
// targets need in Swift types and typed errors, and it provides equivalents for calls that a
// kernel, a container or a systemd unit may block. It knows nothing of releases, stores or
// archives, and it makes no decisions: it reports what the kernel answered.
//
// Begin with `attempt` in this file, which every system call goes through, and with
// `Files/Descriptor.swift`. `Files` is about files and directories, `Processes` about this process
// and its children, `Sandbox` about the restrictions of the unpack worker, and `Host` about users,
// programs and terminals of the machine.

internal import Glibc

/// A failed system call: which call, on which file, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// The C function, for example "renameat2".
  package let call: String
  /// The full path of the file; nil if the kernel could not report it.
  package let path: String?
  /// The error number.
  package let errno: Errno

  package init(call: String, path: String? = nil, errno: Errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// Whether the path leads to nothing: a name is missing, a directory on the way is none, or links
  /// form a loop.
  package var leadsToNothing: Bool {
    [.noEntry, .notADirectory, .tooManyLinks].contains(errno)
  }

  /// Whether a flush failed. The kernel may have dropped the pages and marked them clean, so a
  /// second attempt that succeeds proves nothing.
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

/// Runs a system call again until no signal interrupts it (EINTR). The other places that read
/// `errno` do so because their call reports errors in another way.
///
/// - Parameters:
///   - call: the name of the C function, for the error.
///   - path: the path for the error; evaluated only when the call fails.
///   - body: makes the call; returns -1 and sets `errno` when it fails.
/// - Returns: the result of the call, never -1.
/// - Throws: `SystemError` when the call fails for any reason but EINTR.
@discardableResult
func systemCall<Result: FixedWidthInteger & SignedInteger>(
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

/// An error number of the kernel; see errno(3).
package struct Errno: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The error number of the last failed call of this thread.
  static var current: Errno { Errno(rawValue: errno) }

  package static let notPermitted = Errno(rawValue: EPERM)
  /// The kernel lacks the call, or a seccomp filter reports it as missing (ENOSYS).
  static let notImplemented = Errno(rawValue: ENOSYS)
  package static let noEntry = Errno(rawValue: ENOENT)
  package static let noProcess = Errno(rawValue: ESRCH)
  package static let interrupted = Errno(rawValue: EINTR)
  package static let inputOutput = Errno(rawValue: EIO)
  static let wouldBlock = Errno(rawValue: EAGAIN)
  package static let accessDenied = Errno(rawValue: EACCES)
  package static let exists = Errno(rawValue: EEXIST)
  static let crossDevice = Errno(rawValue: EXDEV)
  package static let notADirectory = Errno(rawValue: ENOTDIR)
  package static let isADirectory = Errno(rawValue: EISDIR)
  package static let invalid = Errno(rawValue: EINVAL)
  package static let noSpace = Errno(rawValue: ENOSPC)
  package static let quotaExceeded = Errno(rawValue: EDQUOT)
  package static let timedOut = Errno(rawValue: ETIMEDOUT)
  package static let readOnlyFileSystem = Errno(rawValue: EROFS)
  package static let fileTooBig = Errno(rawValue: EFBIG)
  package static let brokenPipe = Errno(rawValue: EPIPE)
  package static let tooManyLinks = Errno(rawValue: ELOOP)
  /// This process has reached its limit of open files (EMFILE).
  static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  /// The file has the maximum number of names (EMLINK).
  package static let tooManyNames = Errno(rawValue: EMLINK)
  package static let notEmpty = Errno(rawValue: ENOTEMPTY)
  package static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
  /// A file that is neither a program nor a script (ENOEXEC).
  package static let notAProgram = Errno(rawValue: ENOEXEC)
  package static let illegalBytes = Errno(rawValue: EILSEQ)
  /// A socket, or a pipe that no process reads, can't be opened (ENXIO).
  package static let noDevice = Errno(rawValue: ENXIO)
  /// A pipe, socket or device in the place of a regular file. The kernel has no error number for it; this
  /// one ("wrong medium type") is not used for files.
  package static let notAFile = Errno(rawValue: EMEDIUMTYPE)

  /// Whether this process or the host has reached its limit of open files (EMFILE, ENFILE).
  package var isOutOfDescriptors: Bool { self == .tooManyOpenFiles || rawValue == ENFILE }

  /// Whether the file system is out of space: bytes, inodes or quota.
  package var isOutOfSpace: Bool { self == .noSpace || self == .quotaExceeded }

  /// Whether the kernel or the file system lacks the call or flag, or a container or a systemd unit
  /// blocks it. EPERM and EINVAL can also be genuine; the fallback then fails with the same error.
  var isUnsupported: Bool {
    [ENOSYS, EPERM, EINVAL, EOPNOTSUPP].contains(rawValue)
  }

  /// Whether the caller lacks a permission, or the file system is read-only.
  package var isRefusal: Bool {
    self == .accessDenied || self == .notPermitted || self == .readOnlyFileSystem
  }
}

extension Errno: CustomStringConvertible {
  /// The C library's text for the error, in lower case, such as "no such file or directory".
  package var description: String {
    if self == .notAFile { return "not a regular file" }
    let sentence = String(cString: strerror(rawValue))
    guard let first = sentence.first, sentence.dropFirst().first?.isLowercase == true else {
      return sentence
    }
    return first.lowercased() + sentence.dropFirst()
  }
}
