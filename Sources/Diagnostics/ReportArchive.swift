internal import Archive
internal import Linux
package import ReleaseModel
internal import Text

/// Packs a report into a compressed archive of text files, to attach to an issue.
package enum ReportArchive {
  /// A text file in the archive.
  package struct Member: Sendable {
    /// The relative path, in ASCII, of at most 100 characters.
    let name: String
    let content: [UInt8]

    package init(_ name: String, _ text: String) {
      self.name = name
      content = Array(text.utf8)
    }
  }

  /// Returns a tar archive, compressed with gzip.
  ///
  /// - Parameters:
  ///   - members: the text files.
  ///   - time: the modification time of all members, in Unix seconds.
  /// - Returns: the bytes of the archive.
  /// - Throws: `ReleasesError` (`failed`) when the archive can't be made.
  package static func packed(
    _ members: [Member], at time: Int64
  ) throws(ReleasesError) -> [UInt8] {
    do throws(ArchiveWriter.Failure) {
      let writer = try ArchiveWriter()
      for member in members {
        try writer.addFile(
          member.name, member.content, permissions: 0o600,
          modified: FileTime(seconds: max(0, time)))
      }
      return try writer.finish()
    } catch {
      throw ReleasesError(
        .failed, "can't compress the report",
        hint: Hint("attach the text instead", command: ["diagnose"]),
        cause: Message(error.description))
    }
  }
}
