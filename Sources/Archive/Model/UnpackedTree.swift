/// The tree that was unpacked.
package struct UnpackedTree: Sendable {
  /// The stage itself (".") and everything beneath it, sorted. A hard link is an entry like that of
  /// its target.
  package let entries: TreeEntries
  /// The number of files, hard links included.
  package let fileCount: Int
  /// The content of all files in bytes, including holes; hard links count once.
  package let byteCount: Int64
  /// The messages about what was changed, for a person.
  package let warnings: [String]
}
