internal import Linux

/// Finds and checks the central directory of a zip, which must fill its file exactly.
enum ZipDirectory {
  private static let endSize = 22
  private static let locatorSize = 20
  private static let end64Size = 56
  /// Of the whole directory, in bytes: half a million members with names of 500 bytes.
  private static let sizeLimit: Int64 = 256 << 20

  /// What the end record says.
  private struct Extent {
    var count: Int64
    var offset: Int64
    var size: Int64
    /// Where the directory must end.
    var limit: Int64
  }

  /// The records in the order of the members' content.
  static func read(_ file: borrowing Descriptor, size: Int64) throws(ArchiveError) -> [ZipRecord] {
    let extent = try findEnd(file, size: size)
    guard extent.offset + extent.size == extent.limit, extent.size <= sizeLimit else {
      throw damagedZip
    }
    var cursor = ByteCursor(try bytes(of: file, Int(extent.size), at: extent.offset))
    var records: [ZipRecord] = []
    while !cursor.rest.isEmpty {
      guard let record = ZipRecord(&cursor) else { throw damagedZip }
      records.append(record)
    }
    guard records.count == extent.count else { throw damagedZip }
    records.sort { $0.headerOffset < $1.headerOffset }
    try checkLayout(file, records, end: extent.offset)
    return records
  }

  static func bytes(
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
  private static func findEnd(
    _ file: borrowing Descriptor, size: Int64
  ) throws(ArchiveError) -> Extent {
    let tailSize = min(size, Int64(endSize + Int(UInt16.max)))
    let tail = try bytes(of: file, Int(tailSize), at: size - tailSize)
    let marks = positions(of: [0x50, 0x4B, 5, 6], in: tail)
    guard let mark = marks.last else { throw ArchiveError(.truncated) }
    var cursor = ByteCursor(tail[mark...])
    guard cursor.take(4) != nil, cursor.uint32() != nil, let here = cursor.uint16(),
      let count = cursor.uint16(), let directorySize = cursor.uint32(),
      let offset = cursor.uint32(), let commentLength = cursor.uint16()
    else { throw ArchiveError(.truncated) }
    if cursor.rest.count < commentLength { throw ArchiveError(.truncated) }
    if cursor.rest.count > commentLength { throw ArchiveError(.rejected(.trailingData)) }
    let limit = size - tailSize + Int64(mark)
    if count == .max || directorySize == .max || offset == .max {
      return try findEnd64(file, before: limit)
    }
    guard here == count else { throw damagedZip }
    return Extent(
      count: Int64(count), offset: Int64(offset), size: Int64(directorySize), limit: limit)
  }

  /// The zip64 records (APPNOTE 4.3.14 and 4.3.15), right before the end record.
  private static func findEnd64(
    _ file: borrowing Descriptor, before end: Int64
  ) throws(ArchiveError) -> Extent {
    let start = end - Int64(locatorSize + end64Size)
    guard start >= 0 else { throw damagedZip }
    var cursor = ByteCursor(try bytes(of: file, locatorSize + end64Size, at: start))
    guard cursor.take(4) == [0x50, 0x4B, 6, 6], cursor.uint64() == UInt64(end64Size - 12),
      cursor.take(12) != nil, let here = cursor.uint64(), let count = cursor.uint64(),
      let size = cursor.uint64(), let offset = cursor.uint64(), here == count,
      cursor.take(8) == [0x50, 0x4B, 6, 7, 0, 0, 0, 0], cursor.uint64() == UInt64(start),
      count < 1 << 60, size < 1 << 60, offset < 1 << 60
    else { throw damagedZip }
    return Extent(count: Int64(count), offset: Int64(offset), size: Int64(size), limit: start)
  }

  private static func positions(of mark: [UInt8], in bytes: [UInt8]) -> [Int] {
    bytes.indices.filter { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
  }
}

// MARK: - The members' places

extension ZipDirectory {
  /// Members lie one after the other without gap or overlap: nothing hides between them, and
  /// nothing is unpacked twice (overlapping members make the worst zip bombs).
  private static func checkLayout(
    _ file: borrowing Descriptor, _ records: [ZipRecord], end: Int64
  ) throws(ArchiveError) {
    var position: Int64 = 0
    for (index, record) in records.enumerated() {
      guard record.headerOffset == position else {
        throw ArchiveError(.rejected(.ambiguousHeader), member: record.name)
      }
      let next = index + 1 < records.count ? records[index + 1].headerOffset : end
      let contentEnd = try contentOffset(file, record) + record.compressedSize
      guard contentEnd <= next, try isDescriptor(file, record, contentEnd..<next) else {
        throw ArchiveError(.rejected(.ambiguousHeader), member: record.name)
      }
      position = next
    }
    guard position == end else { throw damagedZip }
  }

  /// Where a member's content begins, by its local header.
  static func contentOffset(
    _ file: borrowing Descriptor, _ record: ZipRecord
  ) throws(ArchiveError) -> Int64 {
    let most = ZipLocalHeader.fixedSize + record.name.count + Int(UInt16.max)
    var cursor = ByteCursor(try bytes(of: file, most, at: record.headerOffset))
    guard let header = ZipLocalHeader(&cursor) else { throw damagedZip }
    guard header.agrees(with: record) else {
      throw ArchiveError(.rejected(.ambiguousHeader), member: record.name)
    }
    return record.headerOffset + header.totalSize
  }

  /// What may lie behind the content: nothing, or sizes and checksum where the flags say so, in
  /// 32 or 64 bits, with or without a signature (APPNOTE 4.3.9).
  private static func isDescriptor(
    _ file: borrowing Descriptor, _ record: ZipRecord, _ range: Range<Int64>
  ) throws(ArchiveError) -> Bool {
    guard record.hasDataDescriptor else { return range.isEmpty }
    guard [12, 16, 20, 24].contains(range.count) else { return false }
    var cursor = ByteCursor(try bytes(of: file, range.count, at: range.lowerBound))
    if range.count % 8 == 0, cursor.take(4) != [0x50, 0x4B, 7, 8] { return false }
    guard cursor.uint32() == record.crc else { return false }
    if range.count < 20 {
      return cursor.uint32().map(Int64.init) == record.compressedSize
        && cursor.uint32().map(Int64.init) == record.size
    }
    return cursor.uint64() == UInt64(record.compressedSize)
      && cursor.uint64() == UInt64(record.size)
  }
}

var damagedZip: ArchiveError { ArchiveError(.unreadable("the zip is damaged")) }
