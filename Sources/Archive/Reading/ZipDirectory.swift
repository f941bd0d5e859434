internal import Linux

/// Checks the layout of a zip, which libarchive does not: the members follow each other without
/// gaps or overlaps from the first byte to the directory, then come the directory and the end
/// record up to the last byte.
///
/// So nothing is hidden between members, nothing is unpacked twice (overlapping members make the
/// worst zip bombs), and a reader of streams, which uses the members' own headers, finds the same
/// members as one that uses the directory.
struct ZipDirectory {
  /// The first bytes of a zip: those of a member's header, or of the end record of an empty zip.
  static let firstSignatures: [[UInt8]] = [FormatSignature.zip, [0x50, 0x4B, 5, 6]]
  private static let endSize = 22
  private static let wideEndSize = 76
  /// The buffer for the members' own headers, in bytes: it holds those of several small members.
  private static let headerWindow = 16 << 10
  /// The maximum size of the directory, in bytes: half a million members with names of 500 bytes.
  static let sizeLimit: Int64 = 256 << 20

  private struct Extent {
    var count: Int64
    var size: Int64
    var offset: Int64
  }

  /// The records of all members in the order of their content.
  private(set) var records: [ZipRecord] = []
  /// The offset of the content of each member.
  private(set) var contentOffsets: [Int64] = []
  /// Bytes of headers to replace before libarchive reads them: flags that declare a name as UTF-8,
  /// names with backslashes, and Unicode Path fields, whose names have been compared already.
  private(set) var corrections: [(offset: Int64, bytes: [UInt8])] = []
  /// The size of the zip without zeros that follow it, in bytes.
  let size: Int64

  init(
    _ file: borrowing Descriptor, size: Int64, _ limits: UnpackLimits
  ) throws(ArchiveError) {
    let (extent, end) = try Self.findEnd(file, size: size)
    self.size = end
    guard extent.size <= Self.sizeLimit else {
      throw ArchiveError(.rejected(.metadataTooLarge))
    }
    guard extent.count <= limits.entries else { throw ArchiveError(.rejected(.tooManyEntries)) }
    var rest = try Self.bytes(of: file, Int(extent.size), at: extent.offset)[...]
    while !rest.isEmpty {
      let record = try ZipRecord(rest)
      if record.metadataSize > limits.metadata {
        throw ArchiveError(.rejected(.metadataTooLarge), member: record.name)
      }
      correct(record, at: extent.offset + Int64(rest.startIndex))
      records.append(record)
      rest = rest.dropFirst(record.length)
    }
    guard records.count == extent.count else { throw corruptZip }
    try checkSizes(of: size, limits)
    records.sort { $0.headerOffset < $1.headerOffset }
    try checkLayout(file, end: extent.offset)
  }

  /// Adds the corrections of a record at an offset, and of the member's own header.
  private mutating func correct(_ record: ZipRecord, at offset: Int64) {
    if record.declaresUTF8Name {
      corrections.append((offset + 8, record.flagsWithoutUTF8))
      corrections.append((record.headerOffset + 6, record.flagsWithoutUTF8))
    }
    if record.path.slashed != record.path.stored {
      corrections.append((offset + 46, record.path.slashed))
      corrections.append((record.headerOffset + 30, record.path.slashed))
    }
    if let field = record.pathField {
      corrections.append((offset + Int64(field), ZipName.neutralTag))
    }
  }

  /// Checks the declared sizes before anything is written.
  ///
  /// - Throws: `ArchiveError` when the sizes exceed a limit.
  private func checkSizes(of archive: Int64, _ limits: UnpackLimits) throws(ArchiveError) {
    var declared: Int64 = 0
    for record in records {
      declared += min(record.size, .max - declared)
      try naming(record.name) { () throws(ArchiveError) in
        if declared > limits.bytes { throw ArchiveError(.rejected(.tooManyBytes)) }
        try limits.checkRatio(declared, of: archive)
      }
    }
  }

  private mutating func checkLayout(
    _ file: borrowing Descriptor, end: Int64
  ) throws(ArchiveError) {
    let headers = BufferedFile(size: Self.headerWindow)
    var position: Int64 = 0
    for (index, record) in records.enumerated() {
      let next = index + 1 < records.count ? records[index + 1].headerOffset : end
      let ambiguous = ArchiveError(.rejected(.ambiguousHeader), member: record.name)
      guard record.headerOffset == position else { throw ambiguous }
      let header = try headers.bytes(of: file, record.localLength, at: position)
      guard let extraLength = record.localExtraLength(header[...]) else { throw ambiguous }
      let extraOffset = position + Int64(record.localLength)
      let extra = try headers.bytes(of: file, extraLength, at: extraOffset)[...]
      if let field = ZipExtra.fields(ZipName.fieldTag, in: extra).first {
        let path = ZipName(record.path.stored, system: record.system, extra)
        guard path == record.path else { throw ambiguous }
        corrections.append((extraOffset + Int64(field.offset), ZipName.neutralTag))
      }
      let length = Int64(record.localLength + extraLength)
      contentOffsets.append(position + length)
      let contentEnd = position + length + record.compressedSize
      guard contentEnd <= next, next - contentEnd <= 24 else { throw ambiguous }
      let rest = try headers.bytes(of: file, Int(next - contentEnd), at: contentEnd)
      guard record.allows(descriptor: rest[...]) else { throw ambiguous }
      position = next
    }
    guard position == end else { throw corruptZip }
  }

  private static func bytes(
    of file: borrowing Descriptor, _ count: Int, at offset: Int64
  ) throws(ArchiveError) -> [UInt8] {
    do throws(SystemError) {
      return try file.read(count: count, at: offset)
    } catch {
      throw ArchiveError(error)
    }
  }
}

// MARK: - The end records

extension ZipDirectory {
  /// Reads the last end record, which with its comment must extend to the end (APPNOTE 4.3.16). Some
  /// programs pad a zip with zeros, up to the size of a block.
  ///
  /// - Returns: where the directory is, and where the zip ends.
  /// - Throws: `ArchiveError` when there is no such record, or it is corrupt or followed by
  ///   something else.
  private static func findEnd(
    _ file: borrowing Descriptor, size: Int64
  ) throws(ArchiveError) -> (Extent, end: Int64) {
    let tailSize = min(size, Int64(endSize) + 0xFFFF)
    let tail = try bytes(of: file, Int(tailSize), at: size - tailSize)
    guard let mark = tail.indices.last(where: { tail[$0...].starts(with: firstSignatures[1]) })
    else { throw ArchiveError(.truncated) }
    let record = tail[mark...]
    guard let commentLength = record.number(at: 20, 2), record.number(at: 4, 4) == 0,
      let here = record.number(at: 8, 2), let count = record.number(at: 10, 2),
      let directorySize = record.number(at: 12, 4), let offset = record.number(at: 16, 4)
    else { throw ArchiveError(.truncated) }
    let commentEnd = endSize + Int(commentLength)
    if record.count < commentEnd { throw ArchiveError(.truncated) }
    let padding = record.dropFirst(commentEnd)
    if padding.contains(where: { $0 != 0 }) { throw ArchiveError(.rejected(.trailingData)) }
    let (limit, end) = (size - Int64(record.count), size - Int64(padding.count))
    if count == 0xFFFF || directorySize == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      return (try findWideEnd(file, before: limit), end)
    }
    guard here == count, offset + directorySize == limit else { throw corruptZip }
    return (Extent(count: count, size: directorySize, offset: offset), end)
  }

  /// Reads the zip64 end record and its locator before the end record (4.3.14 and 4.3.15).
  ///
  /// - Throws: `ArchiveError` when the records are corrupt or can't be read.
  private static func findWideEnd(
    _ file: borrowing Descriptor, before end: Int64
  ) throws(ArchiveError) -> Extent {
    let start = end - Int64(wideEndSize)
    guard start >= 0 else { throw corruptZip }
    let record = try bytes(of: file, wideEndSize, at: start)[...]
    guard record.number(at: 0, 4) == 0x0606_4B50, record.number(at: 4, 8) == 44,
      let here = record.number(at: 24, 8), let count = record.number(at: 32, 8),
      let size = record.number(at: 40, 8), let offset = record.number(at: 48, 8),
      here == count, size <= start, offset == start - size,
      record.number(at: 56, 8) == 0x0706_4B50, record.number(at: 64, 8) == start
    else { throw corruptZip }
    return Extent(count: count, size: size, offset: offset)
  }
}
