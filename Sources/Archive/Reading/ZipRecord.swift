/// A member's record in the directory of a zip. It must agree with the headers before and after the
/// content (PKWARE APPNOTE 4.3.7, 4.3.9 and 4.3.12).
struct ZipRecord: Equatable {
  /// A number of this value is replaced by a 64-bit one in the zip64 field.
  private static let wide: Int64 = 0xFFFF_FFFF
  private static let utf8Flag: Int64 = 1 << 11
  private static let unix: Int64 = 3

  let path: ZipName
  let flags: Int64
  let method: Int64
  let crc: Int64
  let compressedSize: Int64
  let size: Int64
  let headerOffset: Int64
  /// The mode with the file type; 0 when the zip was not made on Unix.
  let mode: Int64
  /// The system on which the zip was made; only DOS and Unix matter.
  let system: Int64
  /// The length of the record itself, in bytes.
  let length: Int
  /// The offset of the Unicode Path field from the start of the record; nil when there is none.
  let pathField: Int?

  /// Parses the record at the start of `bytes`.
  ///
  /// - Throws: `ArchiveError` when it is truncated or malformed, or its names contradict each other.
  init(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) {
    guard bytes.number(at: 0, 4) == 0x0201_4B50, let flags = bytes.number(at: 8, 2),
      let method = bytes.number(at: 10, 2), let crc = bytes.number(at: 16, 4),
      let compressed = bytes.number(at: 20, 4), let size = bytes.number(at: 24, 4),
      let nameLength = bytes.number(at: 28, 2), let extraLength = bytes.number(at: 30, 2),
      let commentLength = bytes.number(at: 32, 2), bytes.number(at: 34, 2) == 0,
      let attributes = bytes.number(at: 38, 4), let offset = bytes.number(at: 42, 4),
      let system = bytes.number(at: 5, 1)
    else { throw corruptZip }
    length = 46 + Int(nameLength + extraLength + commentLength)
    guard length <= bytes.count else { throw corruptZip }
    let extra = bytes.dropFirst(46 + Int(nameLength)).prefix(Int(extraLength))
    var numbers = [size, compressed, offset]
    if numbers.contains(Self.wide) {
      guard let field = ZipExtra.fields(1, in: extra).first?.bytes else { throw corruptZip }
      var position = 0
      for index in numbers.indices where numbers[index] == Self.wide {
        guard let number = field.number(at: position, 8), number < 1 << 60 else {
          throw corruptZip
        }
        numbers[index] = number
        position += 8
      }
    }
    let stored = Array(bytes.dropFirst(46).prefix(Int(nameLength)))
    guard let path = ZipName(stored, system: system, extra) else {
      throw ArchiveError(.rejected(.ambiguousHeader), member: stored)
    }
    (self.path, self.system) = (path, system)
    pathField = ZipExtra.fields(ZipName.fieldTag, in: extra).first.map {
      46 + stored.count + $0.offset
    }
    mode = system == Self.unix ? attributes >> 16 : 0
    (self.flags, self.method, self.crc) = (flags, method, crc)
    (self.size, compressedSize, headerOffset) = (numbers[0], numbers[1], numbers[2])
  }

  var name: [UInt8] { path.value }
  var isEncrypted: Bool { flags & 0x2041 != 0 }
  /// Whether the member is a special file. libarchive would make a regular file of a FIFO.
  var isSpecial: Bool { ![0, 0o04, 0o10, 0o12].contains(mode >> 12) }
  /// The size of the record without the name, in bytes.
  var metadataSize: Int64 { Int64(length - 46 - path.stored.count) }
  var declaresUTF8Name: Bool { flags & Self.utf8Flag != 0 }
  var flagsWithoutUTF8: [UInt8] {
    [UInt8(flags & 0xFF), UInt8((flags & ~Self.utf8Flag) >> 8 & 0xFF)]
  }

  /// The length of the member's own header without its extra fields, in bytes.
  var localLength: Int { 30 + path.stored.count }

  /// Returns the length of the extra fields of the member's own header in bytes; nil when the header
  /// contradicts this record.
  func localExtraLength(_ header: ArraySlice<UInt8>) -> Int? {
    guard header.number(at: 0, 4) == 0x0403_4B50, header.number(at: 6, 2) == flags,
      header.number(at: 8, 2) == method, let localCRC = header.number(at: 14, 4),
      header.number(at: 26, 2) == Int64(path.stored.count),
      let extraLength = header.number(at: 28, 2),
      header.dropFirst(30).starts(with: path.stored)
    else { return nil }
    let sizes = [header.number(at: 18, 4), header.number(at: 22, 4)]
    // Each number that follows the content may be zero here.
    let mayFollow = flags & 8 != 0
    let agrees =
      (localCRC == crc || mayFollow && localCRC == 0)
      && zip(sizes, [compressedSize, size]).allSatisfy {
        $0 == $1 || $0 == Self.wide || mayFollow && $0 == 0
      }
    return agrees ? Int(extraLength) : nil
  }

  /// Whether the bytes between the content and the next header are valid: none, or a checksum and
  /// sizes of 32 or 64 bits, with or without a signature.
  func allows(descriptor: ArraySlice<UInt8>) -> Bool {
    guard flags & 8 != 0 else { return descriptor.isEmpty }
    guard [12, 16, 20, 24].contains(descriptor.count) else { return false }
    let hasSignature = descriptor.count % 8 == 0
    let numbers = descriptor.dropFirst(hasSignature ? 4 : 0)
    let width = descriptor.count < 20 ? 4 : 8
    return (!hasSignature || descriptor.number(at: 0, 4) == 0x0807_4B50)
      && numbers.number(at: 0, 4) == crc && numbers.number(at: 4, width) == compressedSize
      && numbers.number(at: 4 + width, width) == size
  }
}

var corruptZip: ArchiveError { ArchiveError(.unreadable("the zip is corrupt")) }
