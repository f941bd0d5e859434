internal import Linux
internal import ReleaseModel

/// How the program ends. Scripts rely on the numbers.
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

  /// For the man page; lower case, no final period.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed; the store is as it was"
    case .usage: "the command line was not understood; nothing was done"
    case .refused:
      """
      refused before anything was changed: the store is frozen, the release is not ready, not \
      whole, bad, live or pinned, the id is taken, there is nothing to roll back to, the \
      configuration is invalid or asks for what this version can't do, others may write the store, \
      or the key that somebody came with may not do that
      """
    case .notThere: "no such release, or no such store"
    case .locked:
      "locked by another for longer than --wait; the message says by whom, since when, doing what"
    case .archiveRejected:
      """
      the archive was rejected: hostile, truncated, unreadable, of the wrong digest or size, or not \
      signed as it has to be
      """
    case .differences: "verify found differences, or status something that needs attention"
    case .noSpace: "not enough space or inodes; the message says how to see what can go"
    case .restored: "the new release failed; the old one is live again and healthy"
    case .needsPerson:
      """
      failed and not restored to health, or interrupted so that nobody can say how it ended: a \
      person is needed; the message says what to type next
      """
    }
  }
}

extension ExitStatus {
  init(_ code: ReleasesError.Code) {
    self =
      switch code {
      case .failed, .input, .output, .permission, .readOnly, .damaged, .prepareFailed: .failed
      case .usage: .usage
      case .frozen, .notReady, .bad, .notWhole, .live, .pinned, .inUse, .fallback,
        .nothingToRollBackTo,
        .configuration, .unsafeOwner, .sharedFileMissing, .notALink, .unsupported, .idTaken,
        .newerStore, .verifierMissing, .nothingToAbort, .tooLate, .notAllowed:
        .refused
      case .noSuchRelease, .noSuchStore: .notThere
      case .locked: .locked
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
