package import Linux
package import ReleaseModel
package import Text

// The target StoreSupport joins ReleaseModel and Linux: it turns failed system calls into errors
// with a code and a hint, replaces files atomically, and opens files whose owner and mode it has
// checked. It knows no store: callers pass directories and paths. Begin with this file.

extension ReleasesError {
  /// Makes the error for a failed system call. Its code and hint depend on errno.
  ///
  /// - Parameters:
  ///   - message: what failed, such as "can't read the history".
  ///   - error: the failure, which becomes the cause.
  package init(_ message: Message, _ error: SystemError) {
    let code: Code =
      switch error.errno {
      case .readOnlyFileSystem: .readOnly
      case .accessDenied, .notPermitted: .permission
      case let errno where errno.isOutOfSpace: .noSpace
      default: .failed
      }
    let hint: Hint? =
      switch code {
      case .readOnly:
        Hint(
          "the file system or its subvolume is read-only; see the mount",
          shell: error.path.flatMap { existingPart(of: $0) }.map { "findmnt -T \($0.shellWord)" }
            ?? "findmnt -O ro")
      case .permission: Hint(denied: error)
      case .noSpace where error.errno == .quotaExceeded:
        Hint("see your quota", shell: "quota -s")
      case .noSpace:
        Hint(toFreeSpace: "see which releases can be removed")
      default: hintForUnusableFile(error)
      }
    self.init(
      code, message, hint: hint, cause: Message(error), isLostWrite: error.isLostWrite,
      isOverQuota: error.errno == .quotaExceeded)
  }
}

extension Message {
  /// Describes a failed system call in the system's own words.
  package init(_ error: SystemError) {
    let words = SystemError(call: error.call, errno: error.errno).description
    self = error.path.map { "\(path: $0): \(words)" } ?? "\(words)"
  }
}

/// The hint for a process or host that has reached its limit of open files.
package let tooManyOpenFilesHint = Hint(
  "raise the limit of open files, or LimitNOFILE= in a systemd unit", shell: "ulimit -n 1024")

/// Returns a path without its last components that do not exist; nil for a relative path.
private func existingPart(of path: String) -> String? {
  var part = path[...]
  while let slash = part.lastIndex(of: "/") {
    if (try? status(ofPath: String(part))) != nil { return String(part) }
    part = part[..<slash]
  }
  return path.utf8.first == UInt8(ascii: "/") ? "/" : nil
}

/// Returns the hint for a file or directory of the store that is missing or of the wrong kind.
private func hintForUnusableFile(_ error: SystemError) -> Hint? {
  switch error.errno {
  case .notADirectory, .isADirectory, .tooManyLinks, .notAFile, .fileTooBig:
    Hint(wrongKindAt: error.path)
  case .illegalBytes: "create it again; its content is not UTF-8"
  case let errno where errno.isOutOfDescriptors: tooManyOpenFilesHint
  case .noEntry: Hint("create the missing parts of the store again", command: ["init"])
  default: nil
  }
}

/// Runs a closure that makes system calls, and says what failed if one of them does.
///
/// - Parameters:
///   - message: what failed, such as "can't read the history".
///   - body: makes the system calls.
/// - Returns: the result of `body`.
/// - Throws: the error that ``ReleasesError/init(_:_:)`` makes from the message and the failure.
package func withErrorMessage<Result: ~Copyable>(
  _ message: @autoclosure () -> Message, _ body: () throws(SystemError) -> Result
) throws(ReleasesError) -> Result {
  do throws(SystemError) {
    return try body()
  } catch {
    throw ReleasesError(message(), error)
  }
}
