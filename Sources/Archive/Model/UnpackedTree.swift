/// What has been unpacked.
package struct UnpackedTree: Sendable {
  /// The stage itself (".") and everything beneath it, sorted. A hard link is a file like its
  /// target.
  package let entries: TreeEntries
  /// Names of files, hard links included.
  package let fileCount: Int
  /// Content of the files in bytes, holes included, hard links counted once.
  package let byteCount: Int64
  /// What was changed on the way, for a person.
  package let warnings: [String]
}
