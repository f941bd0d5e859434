/// The digest and the size that an archive must have.
package struct ExpectedArchive: Hashable, Sendable {
  /// The digest; nil if any is accepted.
  package var digest: Digest?
  /// The size in bytes; nil if any is accepted.
  package var size: Int64?

  package init(digest: Digest? = nil, size: Int64? = nil) {
    self.digest = digest
    self.size = size
  }

  /// Compares an unpacked archive with the expectation.
  ///
  /// - Throws: `ArchiveError` when the size or the digest differs.
  package func check(_ result: UnpackResult) throws(ArchiveError) {
    if let size, size != result.size {
      throw ArchiveError(.sizeMismatch(expected: size, found: result.size))
    }
    if let digest, digest != result.digest {
      throw ArchiveError(.digestMismatch(expected: digest, found: result.digest))
    }
  }
}
