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
  /// What to do next.
  package let hint: Hint?
  /// The system's own words, where there are any.
  package let cause: String?
  /// A flush failed, so that nobody can say what the disk holds; see fsync(2).
  package let isLostWrite: Bool
  /// Whether the user's quota is used up, rather than the disk; see quota(1).
  package let isOverQuota: Bool

  package init(
    _ code: Code, _ message: String, hint: Hint? = nil, cause: String? = nil,
    isLostWrite: Bool = false, isOverQuota: Bool = false
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.cause = cause
    self.isLostWrite = isLostWrite
    self.isOverQuota = isOverQuota
  }
}

extension ReleasesError {
  /// The same, but what the disk holds now is for recovery to find out.
  package func unsettled() -> ReleasesError {
    ReleasesError(code, message, hint: hint, cause: cause, isLostWrite: true)
  }
}

extension ReleasesError {
  /// Whether the disk is full, and what it holds is known.
  package var isOutOfSpace: Bool { code == .noSpace && !isLostWrite }

  /// The message with the cause, where there is one, for a single line.
  package var line: String { cause.map { "\(message): \($0)" } ?? message }
}
