package import Linux

/// What to unpack and what to insist on.
package struct UnpackOptions: Sendable {
  /// Leading components to take off every name, as tar(1) does.
  package var stripComponents = 0
  /// The SHA-256 that the archive must have.
  package var expectedDigest: Digest?
  /// The length that the archive must have, in bytes.
  package var expectedSize: Int64?
  /// Of all files together, in bytes, holes included.
  package var byteLimit = Int64.max
  package var memberLimit = Int.max
  /// Unpacked bytes for each byte of the archive.
  package var ratioLimit = Int64.max
  /// Absolute paths that symbolic links may name, compared byte for byte.
  package var allowedLinkTargets: [String] = []

  package init(
    stripComponents: Int = 0, expectedDigest: Digest? = nil, expectedSize: Int64? = nil,
    allowedLinkTargets: [String] = []
  ) {
    self.stripComponents = stripComponents
    self.expectedDigest = expectedDigest
    self.expectedSize = expectedSize
    self.allowedLinkTargets = allowedLinkTargets
  }
}

/// What has been unpacked.
package struct UnpackedTree: Sendable {
  /// Everything beneath the stage and the stage itself ("."), sorted by the bytes of the paths.
  /// A hard link is a file like its target.
  package let entries: [TreeEntry]
  /// Names of files, hard links included.
  package let fileCount: Int
  /// Content of the files in bytes, holes included, hard links counted once.
  package let byteCount: Int64
  /// SHA-256 of the archive, from where it stood to its end.
  package let archiveDigest: Digest
  /// In bytes.
  package let archiveSize: Int64
  /// What was changed on the way, for a person.
  package let warnings: [String]
}

/// Unpacks a tar (v7, ustar, pax, GNU; plain or in gzip, zstd, xz, bzip2 or lz4) or a zip.
///
/// Nothing is flushed to the disk. On any error, what has been written is of no use.
///
/// - Parameters:
///   - archive: a file, a pipe or a terminal, read from where it stands to its end.
///   - stage: an empty directory that nobody else writes to.
/// - Throws: also when the whole archive is fine but is not the expected one.
package func unpack(
  from archive: borrowing Descriptor, into stage: borrowing Descriptor, options: UnpackOptions
) throws(ArchiveError) -> UnpackedTree {
  let input = try RawInput(archive)
  let reader = try openReader(input, scratch: stage)
  let writer = try TreeWriter(stage)
  var rule = AcceptanceRule(
    stripComponents: options.stripComponents, allowedLinkTargets: options.allowedLinkTargets)
  var memberCount = 0
  while let member = try reader.next() {
    memberCount += 1
    if memberCount > options.memberLimit {
      throw ArchiveError(.rejected(.tooManyMembers), member: member.name)
    }
    if case .file(let size) = member.kind, size > options.byteLimit - writer.byteCount {
      throw ArchiveError(.rejected(.tooManyBytes), member: member.name)
    }
    guard let placement = try rule.accept(member) else { continue }
    try writer.write(placement, from: reader)
  }
  try rule.finish()
  if writer.byteCount > harmlessSize,
    Double(writer.byteCount) > Double(options.ratioLimit) * Double(input.count)
  {
    throw ArchiveError(.rejected(.tooMuchCompression))
  }
  let digest = input.finishDigest()
  if let expected = options.expectedSize, expected != input.count {
    throw ArchiveError(.sizeMismatch(expected: expected, found: input.count))
  }
  if let expected = options.expectedDigest, expected != digest {
    throw ArchiveError(.digestMismatch(expected: expected, found: digest))
  }
  return UnpackedTree(
    entries: try writer.finish(), fileCount: writer.fileCount, byteCount: writer.byteCount,
    archiveDigest: digest, archiveSize: input.count, warnings: rule.warnings)
}

/// What unpacks to less than this is no bomb, however small it was, in bytes.
private let harmlessSize: Int64 = 16 << 20

private func openReader(
  _ input: RawInput, scratch: borrowing Descriptor
) throws(ArchiveError) -> any MemberReader {
  let start = try input.peek(4)
  if start.isEmpty { throw ArchiveError(.unreadable("the archive is empty")) }
  let isZip = ZipDirectory.firstSignatures.contains { start.starts(with: $0) }
  return isZip ? try ZipReader(input, scratch: scratch) : try TarReader(input)
}
