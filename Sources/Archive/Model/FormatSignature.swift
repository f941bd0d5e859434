/// The first bytes of the formats that are unpacked.
enum FormatSignature {
  static let gzip: [UInt8] = [0x1F, 0x8B]
  static let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  static let xz: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]
  static let bzip2 = Array("BZh".utf8)
  static let lz4: [UInt8] = [0x04, 0x22, 0x4D, 0x18]
  /// The header of a member of a zip.
  static let zip: [UInt8] = [0x50, 0x4B, 3, 4]
}
