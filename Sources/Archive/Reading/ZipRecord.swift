/// A member's record in the directory of a zip. It must agree with the headers before and after the
/// content (PKWARE APPNOTE 4.3.7, 4.3.9 and 4.3.12).
struct ZipRecord: Equatable {
  /// A number of this value is replaced by a 64-bit one in the zip64 field.
  private static let wide: Int64 = 0xFFFF_FFFF
  private static let utf8Flag: Int64 = 1 << 11
  private static let unix: Int64 = 3

  let name: [UInt8]
  let flags: Int64
  let method: Int64
  let crc: Int64
  let compressedSize: Int64
  let size: Int64
  let headerOffset: Int64
  /// The mode with the file type; 0 when the zip was not made on Unix.
  let mode: Int64
  /// The length of the record itself, in bytes.
  let length: Int

  /// Parses the record at the start of `bytes`. Returns nil when it is truncated or malformed.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.number(at: 0, 4) == 0x0201_4B50, let flags = bytes.number(at: 8, 2),
      let method = bytes.number(at: 10, 2), let crc = bytes.number(at: 16, 4),
      let compressed = bytes.number(at: 20, 4), let size = bytes.number(at: 24, 4),
      let nameLength = bytes.number(at: 28, 2), let extraLength = bytes.number(at: 30, 2),
      let commentLength = bytes.number(at: 32, 2), bytes.number(at: 34, 2) == 0,
      let attributes = bytes.number(at: 38, 4), let offset = bytes.number(at: 42, 4)
    else { return nil }
    length = 46 + Int(nameLength + extraLength + commentLength)
    guard length <= bytes.count else { return nil }
    let extra = bytes.dropFirst(46 + Int(nameLength)).prefix(Int(extraLength))
    var numbers = [size, compressed, offset]
    if numbers.contains(Self.wide) {
      guard let field = Self.field(1, in: extra) else { return nil }
      var position = 0
      for index in numbers.indices where numbers[index] == Self.wide {
        guard let number = field.number(at: position, 8), number < 1 << 60 else { return nil }
        numbers[index] = number
        position += 8
      }
    }
    name = Array(bytes.dropFirst(46).prefix(Int(nameLength)))
    mode = bytes.number(at: 5, 1) == Self.unix ? attributes >> 16 : 0
    (self.flags, self.method, self.crc) = (flags, method, crc)
    (self.size, compressedSize, headerOffset) = (numbers[0], numbers[1], numbers[2])
  }

  var isEncrypted: Bool { flags & 0x2041 != 0 }
  /// Whether the member is a special file. libarchive would make a regular file of a FIFO.
  var isSpecial: Bool { ![0, 0o04, 0o10, 0o12].contains(mode >> 12) }
  /// The size of the record without the name, in bytes.
  var metadataSize: Int64 { Int64(length - 46 - name.count) }
  var declaresUTF8Name: Bool { flags & Self.utf8Flag != 0 }
  var flagsWithoutUTF8: [UInt8] {
    [UInt8(flags & 0xFF), UInt8((flags & ~Self.utf8Flag) >> 8 & 0xFF)]
  }

  /// Returns the length of the member's own header in bytes; nil when it contradicts this record.
  func localLength(_ header: ArraySlice<UInt8>) -> Int64? {
    guard header.number(at: 0, 4) == 0x0403_4B50, header.number(at: 6, 2) == flags,
      header.number(at: 8, 2) == method, let localCRC = header.number(at: 14, 4),
      header.number(at: 26, 2) == Int64(name.count), let extraLength = header.number(at: 28, 2),
      header.dropFirst(30).starts(with: name)
    else { return nil }
    let sizes = [header.number(at: 18, 4), header.number(at: 22, 4)]
    // Each number that follows the content may be zero here.
    let mayFollow = flags & 8 != 0
    let agrees =
      (localCRC == crc || mayFollow && localCRC == 0)
      && zip(sizes, [compressedSize, size]).allSatisfy {
        $0 == $1 || $0 == Self.wide || mayFollow && $0 == 0
      }
    return agrees ? 30 + Int64(name.count) + extraLength : nil
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

  private static func field(_ tag: Int64, in extra: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = extra
    while let found = rest.number(at: 0, 2), let count = rest.number(at: 2, 2) {
      rest = rest.dropFirst(4)
      if found == tag { return Int(count) <= rest.count ? rest.prefix(Int(count)) : nil }
      rest = rest.dropFirst(Int(count))
    }
    return nil
  }
}
