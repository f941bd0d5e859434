/// A sequence of members. Throws as soon as the archive is found truncated, damaged or ambiguous.
protocol MemberReader: AnyObject {
  /// The next member, after passing over what was left of the one before; nil only at an end that
  /// was marked as such, with nothing behind it.
  func next() throws(ArchiveError) -> Member?

  /// The content of the file that `next` has just returned, piece by piece, to be asked for once.
  /// Adds up to the size declared.
  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError)
}
