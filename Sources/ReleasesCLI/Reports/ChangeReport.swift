internal import Text

/// The report of a command that changes the store in other ways than an operation on a release:
/// pins, marks, freezes, removals and recovery.
struct ChangeReport: Encodable, Sendable {
  var schema = 1
  let command: String
  @OrNull var id: String?
  /// The outcome: `done` or `unchanged`; also `left` for a recovery at boot while another process
  /// holds the lock.
  var outcome: String
  var dryRun = false
  var recovered: [Message] = []
  var freedBytes: Int64?
  /// What could not be removed; only for `remove`.
  var remains: [RemainsReport]?
}
