package import Linux

/// A failure as people and scripts get to see it.
package struct ReleasesError: Error, Sendable {
  /// What kind of failure it is; scripts rely on the raw values.
  package enum Code: String, Sendable, CaseIterable {
    // The store is as it was.
    case failed, input, output, permission, readOnly
    // The command line.
    case usage
    // Refused before anything was changed.
    case frozen, notReady, bad, notWhole, live, pinned, inUse, fallback, nothingToRollBackTo
    case configuration, unsafeOwner, sharedFileMissing, notALink, unsupported, idTaken
    /// The key that somebody came with may not do that.
    case notAllowed
    // Not there.
    case noSuchRelease, noSuchStore
    case locked
    // The archive.
    case archiveRejected, archiveTruncated, archiveUnreadable, digestMismatch, sizeMismatch
    // Its signature: not there, no signature, not of this archive, or ssh-keygen says no.
    case signatureRequired, signatureFile, signatureMalformed, signatureMismatch
    case signatureNamespace, signatureRejected
    // Who signed it, and the files that say who may.
    case signerNotAllowed, signerExpired, signerNotYetValid, signerRevoked
    case allowedSigners, revokedKeys
    /// The host has no ssh-keygen.
    case verifierMissing
    case differences
    case noSpace
    // What the store itself says can't be right, or can't be understood.
    case damaged, newerStore
    /// The prepare hook failed; nothing has gone live.
    case prepareFailed
    /// The new release did not work, and the old one is live again and does.
    case rolledBack
    /// The new release did not work, and there is no other, or it does not work either.
    case needsPerson
    // There is no switch to stop, or not any more.
    case nothingToAbort, tooLate
    /// An operation began, and how it ended is for `recover` to find out.
    case interrupted
  }

  package let code: Code
  /// What went wrong, with the file it is about; lower case, no final period.
  package let message: String
  /// What to type or do next.
  package let hint: String?
  /// The system's own words, where there are any.
  package let cause: String?
  /// A flush failed, so that nobody can say what the disk holds; see ``SystemError/isLostWrite``.
  package let isLostWrite: Bool
  /// Whether the user's quota is used up, rather than the disk; see quota(1).
  package private(set) var isOverQuota = false
  /// What was done before it failed.
  package var trace = OperationTrace()

  package init(
    _ code: Code, _ message: String, hint: String? = nil, cause: String? = nil,
    isLostWrite: Bool = false
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.cause = cause
    self.isLostWrite = isLostWrite
  }
}

extension ReleasesError {
  /// The same, but what the disk holds now is for recovery to find out.
  func unsettled() -> ReleasesError {
    ReleasesError(code, message, hint: hint, cause: cause, isLostWrite: true)
  }

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
    let hint: String? =
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
      code, doing, hint: hint, cause: error.description, isLostWrite: error.isLostWrite)
    isOverQuota = error.errno == .quotaExceeded
  }
}

/// The hint for a process or host that is at its limit of open files.
let tooManyOpenFilesHint =
  "raise the limit of open files, in a systemd unit by LimitNOFILE=: ulimit -n 1024"

/// What to do about a name of the store that is not what it has to be.
private func placeHint(_ errno: Errno) -> String? {
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
