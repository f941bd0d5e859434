/// Reads the members of an archive. It throws as soon as it finds the archive truncated, corrupt or
/// ambiguous.
protocol MemberReader: AnyObject {
  /// Skips the rest of the current member and returns the next one. Returns nil only at a valid end
  /// of the archive with nothing after it.
  ///
  /// - Throws: `ArchiveError` when the archive is corrupt, can't be read or is rejected.
  func next() throws(ArchiveError) -> Member?

  /// Passes the content of the current file to `body`, piece by piece. The sizes of the pieces add
  /// up to the declared size. Call it once for each file.
  ///
  /// - Throws: `ArchiveError` when the content is corrupt or has another size, or what `body`
  ///   throws.
  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError)
}
