import Foundation
import TestSupport

/// Makes nearly valid archives from valid ones.
struct Mutator {
  let corpus: [Fixture]
  private var random: SeededGenerator

  /// Starts a generator. The same state produces the same archive.
  init(_ corpus: [Fixture], state: UInt64) {
    self.corpus = corpus
    random = SeededGenerator(seed: state)
    // Consecutive states would otherwise start with similar numbers.
    for _ in 0..<4 { _ = random.next() }
  }

  mutating func archive() -> Fixture {
    let origin = corpus.randomElement(using: &random) ?? Fixture(name: "none", data: Data())
    var bytes = [UInt8](origin.data)
    let kind = Kind(origin.name)
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      switch kind {
      case .tar: changeTar(&bytes)
      case .zip: changeZip(&bytes)
      case .compressed: changeBytes(&bytes)
      }
    }
    return Fixture(name: origin.name, data: Data(bytes))
  }

  private enum Kind {
    case tar, zip, compressed

    init(_ name: String) {
      self = name.hasSuffix(".tar") ? .tar : name.hasSuffix(".zip") ? .zip : .compressed
    }
  }

  private mutating func number(_ range: Range<Int>) -> Int {
    range.isEmpty ? range.lowerBound : Int.random(in: range, using: &random)
  }

  /// Returns a piece of another archive of the same kind, cut at multiples of `unit`.
  private mutating func foreignPiece(_ suffix: String, unit: Int) -> [UInt8] {
    let others = corpus.filter { $0.name.hasSuffix(suffix) }
    guard let other = others.randomElement(using: &random) else { return [] }
    let start = number(0..<other.data.count / unit + 1) * unit
    return Array(other.data.dropFirst(start).prefix(number(1..<8) * unit))
  }

  private mutating func changeBytes(_ bytes: inout [UInt8], unit: Int = 1) {
    let place = number(0..<bytes.count)
    switch number(0..<8) {
    case 0...2: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
    case 3: bytes[place] ^= 1 << UInt8(number(0..<8))
    case 4:
      bytes[place] =
        [0, 0x20, 0x2F, 0x2E, 0x37, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 5: bytes.removeLast(number(0..<min(bytes.count, 2048)))
    case 6:
      let end = min(bytes.count, place + number(1..<64) * unit)
      bytes.insert(contentsOf: bytes[place..<end], at: number(0..<bytes.count / unit) * unit)
    default:
      let start = place / unit * unit
      bytes.removeSubrange(start..<min(bytes.count, start + number(1..<16) * unit))
    }
  }
}

// MARK: - Tar

extension Mutator {
  /// The ranges of the fields of a header.
  private static let fields = [
    0..<100, 100..<108, 108..<116, 124..<136, 124..<136, 136..<148, 156..<157, 156..<157,
    157..<257, 257..<265, 345..<500, 386..<482, 482..<483, 483..<495,
  ]
  private static let texts = [
    "", "/", ".", "..", "a", "d/", "../x", "/etc/passwd", "d/../../x", "a/b", "l", "l/f", "x\0y",
    "é", "00000000000", "00000001000", "77777777777", "-1", " 10 ", "00000000010", "1", "ustar  ",
    "0", "2", "5", "S", "x", "g", "L", "K", "7", "GNUSparseFile.0/x",
    String(repeating: "n", count: 100),
  ]
  private static let records = [
    "path=../x", "path=a/b", "path=", "linkpath=/x", "linkpath=a", "size=0", "size=8", "size=99999",
    "mtime=-1.5", "mtime=1e9", "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.map=0,8",
    "GNU.sparse.size=4096", "GNU.sparse.realsize=4096", "GNU.sparse.name=s", "comment=x",
    "hdrcharset=BINARY", "SCHILY.xattr.user.x=y", "SCHILY.filetype=dir",
    "LIBARCHIVE.symlinktype=file",
  ]

  private mutating func changeTar(_ bytes: inout [UInt8]) {
    let blocks = bytes.count / 512
    guard blocks > 0 else { return changeBytes(&bytes) }
    let start = number(0..<blocks) * 512
    switch number(0..<10) {
    case 0...3:
      let field = Self.fields.randomElement(using: &random) ?? 0..<1
      let text = Array((Self.texts.randomElement(using: &random) ?? "").utf8.prefix(field.count))
      for (index, at) in field.enumerated() {
        bytes[start + at] = index < text.count ? text[index] : 0
      }
    case 4:
      for at in 124..<136 { bytes[start + at] = 0 }
      bytes[start + 124] = [0x80, 0xFF].randomElement(using: &random) ?? 0x80
      bytes[start + number(125..<136)] = UInt8.random(in: .min ... .max, using: &random)
    case 5: bytes.insert(contentsOf: paxHeader(), at: start)
    case 6: bytes.insert(contentsOf: foreignPiece(".tar", unit: 512), at: start)
    case 7: changeBytes(&bytes, unit: 512)
    default: changeBytes(&bytes)
    }
    for header in Set([start, number(0..<max(blocks, 1)) * 512]) { repairChecksum(&bytes, header) }
  }

  private mutating func paxHeader() -> [UInt8] {
    var payload: [UInt8] = []
    for _ in 0..<number(1..<5) {
      let record = Self.records.randomElement(using: &random) ?? ""
      let length = record.utf8.count + 4
      let digits = length + (length < 100 ? 0 : 1)
      payload += Array("\(number(0..<20) == 0 ? digits + 1 : digits) \(record)\n".utf8)
    }
    var block = [UInt8](repeating: 0, count: 512)
    let size = String(payload.count, radix: 8)
    let head =
      "p".padding(toLength: 100, withPad: "\0", startingAt: 0)
      + "0000644\00000000\00000000\0" + String(repeating: "0", count: 11 - size.count) + size
      + "\000000000000\0        " + (number(0..<4) == 0 ? "g" : "x")
    block.replaceSubrange(0..<157, with: Array(head.utf8).prefix(157))
    block.replaceSubrange(257..<265, with: Array("ustar\000".utf8) + [0x30])
    repairChecksum(&block, 0)
    return block + payload + [UInt8](repeating: 0, count: -payload.count & 511)
  }

  /// Corrects the checksum of a header, since otherwise most archives would fail at the first
  /// check.
  private func repairChecksum(_ bytes: inout [UInt8], _ start: Int) {
    guard start + 512 <= bytes.count else { return }
    // Blocks of zeros and of content stay unchanged.
    guard bytes[start + 154] == 0, bytes[start + 148] & 0xF0 == 0x30 || bytes[start + 148] == 0x20
    else { return }
    for at in 148..<156 { bytes[start + at] = 0x20 }
    let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
    let octal = String(sum, radix: 8)
    let text = String(repeating: "0", count: max(6 - octal.count, 0)) + octal + "\0 "
    bytes.replaceSubrange(start + 148..<start + 156, with: Array(text.utf8))
  }
}

// MARK: - Zip

extension Mutator {
  /// The offsets of the same field in a member's header and in its record, and its size in bytes.
  private static let twins = [
    (4, 6, 2), (6, 8, 2), (8, 10, 2), (10, 12, 4), (14, 16, 4), (18, 20, 4), (22, 24, 4),
    (26, 28, 2), (28, 30, 2), (30, 46, 4),
  ]
  private static let values: [UInt32] = [
    0, 1, 2, 7, 8, 9, 12, 14, 93, 95, 99, 0x800, 0x808, 0xFFFF, 0xFFFE, 0x7FFF_FFFF, 0xFFFF_FFFF,
    0x2E2E_2F2E, 0x2F61, 46, 22,
  ]

  private mutating func changeZip(_ bytes: inout [UInt8]) {
    let headers = places(of: [0x50, 0x4B, 3, 4], in: bytes)
    let records = places(of: [0x50, 0x4B, 1, 2], in: bytes)
    let ends = places(of: [0x50, 0x4B, 5, 6], in: bytes)
    let twin = Self.twins.randomElement(using: &random) ?? (8, 10, 2)
    let value =
      number(0..<3) == 0
      ? UInt32.random(in: .min ... .max, using: &random)
      : Self.values.randomElement(using: &random) ?? 0
    switch number(0..<8) {
    case 0...2 where headers.count == records.count && !headers.isEmpty:
      let index = number(0..<headers.count)
      set(&bytes, headers[index] + twin.0, twin.2, value)
      set(&bytes, records[index] + twin.1, twin.2, value)
    case 3:
      if let header = headers.randomElement(using: &random) {
        set(&bytes, header + twin.0, twin.2, value)
      }
    case 4:
      if let record = records.randomElement(using: &random) {
        set(&bytes, record + number(4..<46), number(1..<5), value)
      }
    case 5:
      if let end = ends.last { set(&bytes, end + number(4..<22), number(1..<5), value) }
    case 6:
      bytes.insert(contentsOf: foreignPiece(".zip", unit: 16), at: number(0..<bytes.count))
    default: changeBytes(&bytes)
    }
  }

  private func set(_ bytes: inout [UInt8], _ place: Int, _ count: Int, _ value: UInt32) {
    for index in 0..<count where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index)))
    }
  }

  private func places(of mark: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard bytes.count >= 4 else { return [] }
    return (0...bytes.count - 4).filter {
      bytes[$0] == mark[0] && bytes[$0 + 1] == mark[1] && bytes[$0 + 2] == mark[2]
        && bytes[$0 + 3] == mark[3]
    }
  }
}
