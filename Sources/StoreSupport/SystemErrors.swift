package import Linux
package import ReleaseModel

extension ReleasesError {
  /// A system call that failed while doing something.
  ///
  /// - Parameter doing: such as "can't read the history".
  package init(_ doing: String, _ error: SystemError) {
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
        "the file system or its subvolume is read-only; see: mount | grep ' ro[,)]'"
      case .permission: "run it as the owner of the store, or with sudo"
      case .noSpace where error.errno == .quotaExceeded:
        "see the quota: quota -s; see what can go: releases prune --dry-run --keep-within 0d"
      case .noSpace: "see what can go with: releases prune --dry-run --keep-within 0d"
      default: placeHint(error.errno)
      }
    self.init(
      code, doing, hint: hint, cause: error.description, isLostWrite: error.isLostWrite,
      isOverQuota: error.errno == .quotaExceeded)
  }
}

/// The hint for a process or host that is at its limit of open files.
package let tooManyOpenFilesHint: Hint =
  "raise the limit of open files, in a systemd unit by LimitNOFILE=: ulimit -n 1024"

/// What to do about a name of the store that is not what it has to be.
private func placeHint(_ errno: Errno) -> Hint? {
  switch errno {
  case .notADirectory, .isADirectory, .tooManyLinks:
    "something else stands in its place: move it out of the way, then: releases init"
  case .illegalBytes: "what it says is not UTF-8, which nothing here understands: make it again"
  case let errno where errno.isOutOfDescriptors: tooManyOpenFilesHint
  case .noEntry: "what is missing of the store itself, this makes again: releases init"
  default: nil
  }
}

/// Runs something that makes system calls and says what it was for when one fails.
package func attempting<Result: ~Copyable>(
  _ doing: @autoclosure () -> String, _ body: () throws(SystemError) -> Result
) throws(ReleasesError) -> Result {
  do throws(SystemError) {
    return try body()
  } catch {
    throw ReleasesError(doing(), error)
  }
}
