package import Text

/// A failure as it is reported to people and scripts.
package struct ReleasesError: Error, Sendable {
  /// The kind of failure. Scripts rely on the raw values.
  package enum Code: String, Sendable, CaseIterable {
    // The command failed and the store is unchanged.
    case failed, input, output, permission, readOnly
    // The command line is wrong.
    case usage
    // The command was refused before anything changed.
    case frozen, notReady, bad, modified = "notWhole", live, pinned, inUse
    case rollbackTarget = "fallback", nothingToRollBackTo
    /// Another release is live than when the command was given.
    case liveChanged
    /// A shared directory is missing, or is a dangling link.
    case sharedDirectoryMissing
    case configuration, unsafeOwner, sharedFileMissing, notALink, unsupported, idTaken
    /// The SSH key may not make this request.
    case notAllowed
    // The release or the store does not exist.
    case noSuchRelease, noSuchStore
    case locked
    // The archive is unusable.
    case archiveRejected, archiveTruncated, archiveUnreadable, digestMismatch, sizeMismatch
    // The archive's signature is missing, malformed or for another archive, or was rejected.
    case signatureRequired, signatureFile, signatureMalformed, signatureMismatch
    case signatureNamespace, signatureRejected
    // The signer is not allowed, or a file that lists the signers is unusable.
    case signerNotAllowed, signerExpired, signerNotYetValid, signerRevoked
    case allowedSigners, revokedKeys
    /// The host has no ssh-keygen.
    case verifierMissing
    case differences
    case noSpace
    /// The host has too little memory for a second instance of the service.
    case noMemory
    // A file of the store is corrupt, or in a newer format.
    case corrupt = "damaged", newerStore
    /// The prepare hook failed and nothing went live.
    case prepareFailed
    /// The new release failed, and the old one is live and healthy again.
    case rolledBack
    /// The new release failed, and no other release is healthy.
    case needsPerson
    // There is no switch to abort, or it has just ended.
    case nothingToAbort, tooLate
    // No record of the deployment; it runs longer than `wait` may wait; its token was used before.
    case noSuchAttempt, stillRunning, requestTaken
    /// An operation was interrupted, and `recover` determines its outcome.
    case interrupted
  }

  package let code: Code
  /// What failed and on which file; lower case, without a final period.
  package let message: Message
  /// What to do next.
  package let hint: Hint?
  /// The system's own words.
  package let cause: Message?
  /// Whether a flush failed, so that the content of the disk is unknown; see fsync(2).
  package let isLostWrite: Bool
  /// Whether the user's quota is exhausted, rather than the disk; see quota(1).
  package let isOverQuota: Bool

  /// Makes an error.
  package init(
    _ code: Code, _ message: Message, hint: Hint? = nil, cause: Message? = nil,
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
  /// Returns the same error with ``isLostWrite``: recovery has to find out what the disk contains.
  package func asLostWrite() -> ReleasesError {
    ReleasesError(code, message, hint: hint, cause: cause, isLostWrite: true)
  }
}

extension ReleasesError {
  /// Returns the same error with another hint.
  package func with(_ hint: Hint) -> ReleasesError {
    ReleasesError(
      code, message, hint: hint, cause: cause, isLostWrite: isLostWrite, isOverQuota: isOverQuota)
  }
}

extension ReleasesError {
  /// Whether the disk is full and its content is known.
  package var isOutOfSpace: Bool { code == .noSpace && !isLostWrite }

  /// The message and the cause on one line.
  package var line: Message { cause.map { "\(message): \($0)" } ?? message }
}
