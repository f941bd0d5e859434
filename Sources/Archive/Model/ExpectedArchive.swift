/// What an archive has to be to be used.
package struct ExpectedArchive: Hashable, Sendable {
  package var digest: Digest?
  /// In bytes.
  package var size: Int64?

  package init(digest: Digest? = nil, size: Int64? = nil) {
    self.digest = digest
    self.size = size
  }

  /// Throws when it was another one, however fine that is.
  package func check(_ result: UnpackResult) throws(ArchiveError) {
    if let size, size != result.size {
      throw ArchiveError(.sizeMismatch(expected: size, found: result.size))
    }
    if let digest, digest != result.digest {
      throw ArchiveError(.digestMismatch(expected: digest, found: result.digest))
    }
  }
}
