internal import Linux

/// One member's record in a zip's central directory (PKWARE APPNOTE 4.3.12), zip64 resolved.
struct ZipRecord: Equatable {
  static let signature: [UInt8] = [0x50, 0x4B, 1, 2]
  /// Without the variable part, in bytes.
  static let fixedSize = 46

  var name: [UInt8]
  var flags: UInt16
  var method: UInt16
  var crc: UInt32
  var compressedSize: Int64
  var size: Int64
  var headerOffset: Int64
  /// The upper byte of "version made by": 3 is Unix.
  var system: UInt8
  var attributes: UInt32
  var modified: FileTime

  var isEncrypted: Bool { flags & 0x2041 != 0 }
  var hasDataDescriptor: Bool { flags & 8 != 0 }

  /// Nil when malformed or cut off.
  init?(_ cursor: inout ByteCursor) {
    guard cursor.take(4) == Self.signature, let madeBy = cursor.uint16(), cursor.uint16() != nil,
      let flags = cursor.uint16(), let method = cursor.uint16(),
      let time = cursor.uint16(), let date = cursor.uint16(), let crc = cursor.uint32(),
      let compressed = cursor.uint32(), let size = cursor.uint32(),
      let nameLength = cursor.uint16(), let extraLength = cursor.uint16(),
      let commentLength = cursor.uint16(), let disk = cursor.uint16(), disk == 0,
      cursor.uint16() != nil, let attributes = cursor.uint32(), let offset = cursor.uint32(),
      let name = cursor.take(Int(nameLength)), let extra = cursor.take(Int(extraLength)),
      cursor.take(Int(commentLength)) != nil,
      let fields = ZipExtra(extra), var wide = fields.zip64Numbers(),
      let realSize = wide.next(insteadOf: size),
      let realCompressed = wide.next(insteadOf: compressed),
      let realOffset = wide.next(insteadOf: offset)
    else { return nil }
    self.name = name
    self.flags = flags
    self.method = method
    self.crc = crc
    self.compressedSize = realCompressed
    self.size = realSize
    self.headerOffset = realOffset
    self.system = UInt8(madeBy >> 8)
    self.attributes = attributes
    self.modified = fields.modified ?? dosTime(date: date, time: time)
  }
}

/// The header in front of a member's content (APPNOTE 4.3.7).
struct ZipLocalHeader {
  static let signature: [UInt8] = [0x50, 0x4B, 3, 4]
  /// Without the variable part, in bytes.
  static let fixedSize = 30

  var name: [UInt8]
  var flags: UInt16
  var method: UInt16
  var crc: UInt32
  var compressedSize: Int64
  var size: Int64
  /// With the variable part, in bytes.
  var totalSize: Int64

  /// Nil when malformed or cut off.
  init?(_ cursor: inout ByteCursor) {
    guard cursor.take(4) == Self.signature, cursor.uint16() != nil,
      let flags = cursor.uint16(), let method = cursor.uint16(), cursor.uint32() != nil,
      let crc = cursor.uint32(), let compressed = cursor.uint32(), let size = cursor.uint32(),
      let nameLength = cursor.uint16(), let extraLength = cursor.uint16(),
      let name = cursor.take(Int(nameLength)), let extra = cursor.take(Int(extraLength)),
      let fields = ZipExtra(extra), var wide = fields.zip64Numbers(),
      let realSize = wide.next(insteadOf: size),
      let realCompressed = wide.next(insteadOf: compressed)
    else { return nil }
    self.name = name
    self.flags = flags
    self.method = method
    self.crc = crc
    self.compressedSize = realCompressed
    self.size = realSize
    totalSize = Int64(Self.fixedSize + name.count + extra.count)
  }

  /// Whether a reader that goes by the local headers would see the same member. Numbers that follow
  /// the content may be zero here; libarchive writes those it knows beforehand all the same.
  func agrees(with record: ZipRecord) -> Bool {
    let mayFollow = record.hasDataDescriptor
    return name == record.name && method == record.method && flags == record.flags
      && (crc == record.crc || mayFollow && crc == 0)
      && (compressedSize == record.compressedSize || mayFollow && compressedSize == 0)
      && (size == record.size || mayFollow && size == 0)
  }
}

/// The tagged fields after a zip header's name (APPNOTE 4.5).
struct ZipExtra {
  private var fields: [UInt16: [UInt8]] = [:]

  /// Nil when a field is cut off or twice there. Up to three bytes of padding are let pass, as
  /// Android's zipalign makes them.
  init?(_ bytes: [UInt8]) {
    var cursor = ByteCursor(bytes)
    while cursor.rest.count > 3 {
      guard let tag = cursor.uint16(), let size = cursor.uint16(),
        let value = cursor.take(Int(size)), fields.updateValue(value, forKey: tag) == nil
      else { return nil }
    }
  }

  /// The large numbers of field 0x0001.
  func zip64Numbers() -> Zip64Numbers? { Zip64Numbers(cursor: ByteCursor(fields[1] ?? [])) }

  /// The modification time of field 0x5455 in UTC.
  var modified: FileTime? {
    var cursor = ByteCursor(fields[0x5455] ?? [])
    guard let flags = cursor.take(1), flags[0] & 1 != 0, let time = cursor.uint32() else {
      return nil
    }
    return FileTime(seconds: Int64(Int32(bitPattern: time)))
  }
}

/// What stands in for 32-bit numbers that are all ones.
struct Zip64Numbers {
  var cursor: ByteCursor

  /// Nil when it is missing or beyond any file.
  mutating func next(insteadOf number: UInt32) -> Int64? {
    if number != .max { return Int64(number) }
    guard let wide = cursor.uint64(), wide < 1 << 60 else { return nil }
    return Int64(wide)
  }
}

/// MS-DOS has no time zone: taken as UTC, so that every host gives a file the same time.
private func dosTime(date: UInt16, time: UInt16) -> FileTime {
  let year = 1980 + Int64(date >> 9)
  let month = Int64(date >> 5 & 15)
  let day = Int64(date & 31)
  // Days from civil: years begin in March, so that the leap day is the last.
  let shifted = month > 2 ? year : year - 1
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  let seconds = Int64(time >> 11) * 3600 + Int64(time >> 5 & 63) * 60 + Int64(time & 31) * 2
  return FileTime(seconds: days * 86_400 + seconds)
}
