import Foundation

/// The keys of JSON documents that scripts may rely on.
enum DocumentKeys {
  static let operation: Set = [
    "schema", "command", "id", "outcome", "current", "previous", "pruned", "steps", "error",
    "dryRun", "recovered", "warnings", "markedBad", "remains", "rollbackTarget",
  ]
  static let list: Set = [
    "schema", "store", "current", "previous", "rollback", "frozen", "releases", "strays",
    "rollbackWhole", "findings",
  ]
  static let release: Set = [
    "id", "state", "live", "unconfirmed", "previous", "sequence", "created", "activated", "files",
    "bytes",
    "ownBytes", "sharedBytes",
    "ref", "pinned", "reason", "instance",
  ]
  static let error: Set = ["code", "exitStatus", "message", "hint", "command", "cause"]
}
