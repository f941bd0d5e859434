internal import ReleaseModel

/// The exit status of the program. Scripts rely on the numbers.
enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  case failed = 1
  case usage = 2
  case refused = 3
  case notThere = 4
  case locked = 5
  case archiveRejected = 6
  case differences = 7
  case noSpace = 8
  case restored = 10
  case needsPerson = 11

  /// The entry of the man page; lower case, no final period.
  var meaning: String {
    switch self {
    case .done: "success"
    case .failed: "failed; the live release has not changed"
    case .usage: "the command line is invalid; nothing was done"
    case .refused:
      """
      refused before anything changed: the store is frozen, the release is modified, bad, live, \
      pinned, in use or not ready, the ID is taken, there is no rollback target, the configuration \
      is invalid or unsupported, other users may write to the store, or the SSH key may not run the \
      command
      """
    case .notThere: "no such release or store, or no record of the deployment"
    case .locked:
      """
      another process held the lock for longer than --wait (the message names it and its command), \
      the deployment runs for longer than 'wait --timeout', or the SSH key has too many sessions
      """
    case .archiveRejected:
      """
      the archive was rejected: it is hostile, truncated or unreadable, its digest or size is \
      wrong, or it lacks a valid signature
      """
    case .differences:
      "verify found differences, or status or check found something that needs attention"
    case .noSpace:
      "out of space or inodes; the message says how to list what can be removed"
    case .restored: "the new release failed; the old one is live and healthy"
    case .needsPerson:
      """
      no release is known to be healthy, or the outcome of an interrupted command is unknown; \
      manual action is required, and the message contains the next command
      """
    }
  }
}

extension ExitStatus {
  /// Returns the exit status for a kind of failure.
  init(_ code: ReleasesError.Code) {
    self =
      switch code {
      case .failed, .input, .output, .permission, .readOnly, .corrupt, .prepareFailed: .failed
      case .usage: .usage
      case .frozen, .notReady, .bad, .modified, .live, .pinned, .inUse, .rollbackTarget,
        .nothingToRollBackTo, .liveChanged,
        .configuration, .unsafeOwner, .sharedFileMissing, .sharedDirectoryMissing, .notALink,
        .unsupported, .idTaken, .newerStore, .verifierMissing, .nothingToAbort, .tooLate,
        .notAllowed, .requestTaken, .noMemory:
        .refused
      case .noSuchRelease, .noSuchStore, .noSuchAttempt: .notThere
      case .locked, .stillRunning: .locked
      case .archiveRejected, .archiveTruncated, .archiveUnreadable, .digestMismatch, .sizeMismatch,
        .signatureRequired, .signatureFile, .signatureMalformed, .signatureMismatch,
        .signatureNamespace, .signatureRejected, .signerNotAllowed, .signerExpired,
        .signerNotYetValid, .signerRevoked, .allowedSigners, .revokedKeys:
        .archiveRejected
      case .differences: .differences
      case .noSpace: .noSpace
      case .rolledBack: .restored
      case .interrupted, .needsPerson: .needsPerson
      }
  }
}
