internal import CArchive

/// Compares gzip's checksums and lengths (RFC 1952), which libarchive 3.6 passes over.
///
/// libarchive does not tell where one member of several ends. But whatever ends in the input ends
/// later in the output: the eight bytes in front of anything that looks like a member's start may
/// be the trailer of the member that is being decoded, and are, where length and checksum agree.
struct GzipCheck {
  private struct Trailer: Equatable {
    var checksum: UInt32 = 0
    /// Modulo 2^32.
    var length: UInt32 = 0
  }

  private static let trailerSize = 8
  /// More small members than a block of input can hold, beside what only looks like one.
  private static let candidateLimit = 1 << 14

  private var decoded = Trailer()
  private var candidates: [Trailer] = []
  private var window = StreamWindow()
  private var inputCount: Int64 = 0

  /// To be called before the bytes of the last `sawInput` become invalid.
  mutating func retireInput() { window.retire(keepingFrom: inputCount - 64) }

  /// Compressed bytes, before libarchive sees them.
  mutating func sawInput(_ block: UnsafeRawBufferPointer) {
    window.append(block)
    // The signature may have begun in the block before.
    let first = max(inputCount - 2, Int64(Self.trailerSize))
    inputCount += Int64(block.count)
    if let border = window.bytes(Int(min(4, max(inputCount - first, 0))), at: first) {
      for offset in border.indices.dropLast(2) where border[offset...].starts(with: [31, 139, 8]) {
        addCandidate(before: first + Int64(offset))
      }
    }
    for index in block.indices.dropLast(2)
    where block[index] == 31 && block[index + 1] == 139 && block[index + 2] == 8 {
      addCandidate(before: inputCount - Int64(block.count - index))
    }
  }

  /// Decompressed bytes.
  mutating func sawOutput(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while !rest.isEmpty {
      endMembers()
      let distance = candidates.map { $0.length &- decoded.length }.filter { $0 > 0 }.min()
      let count = min(rest.count, Int(distance ?? .max))
      let start = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
      decoded.checksum = UInt32(
        truncatingIfNeeded: crc32_z(UInt(decoded.checksum), start, count))
      decoded.length &+= UInt32(truncatingIfNeeded: count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Throws unless the last member is what the trailer says that ends at `end` in the input.
  mutating func finish(at end: Int64) throws(ArchiveError) {
    if trailer(endingAt: end) == decoded { return }
    endMembers()
    guard trailer(endingAt: end) == decoded else {
      throw ArchiveError(.unreadable("the gzip checksum or length is wrong"))
    }
  }

  private mutating func addCandidate(before offset: Int64) {
    // Members without content make no difference.
    guard let trailer = trailer(endingAt: offset), trailer != Trailer() else { return }
    if candidates.count == Self.candidateLimit { candidates.removeFirst() }
    candidates.append(trailer)
  }

  private mutating func endMembers() {
    while let index = candidates.firstIndex(of: decoded) {
      candidates.removeFirst(index + 1)
      decoded = Trailer()
    }
  }

  private func trailer(endingAt end: Int64) -> Trailer? {
    guard let bytes = window.bytes(Self.trailerSize, at: end - Int64(Self.trailerSize)),
      let checksum = bytes[...].number(at: 0, 4), let length = bytes[...].number(at: 4, 4)
    else { return nil }
    return Trailer(checksum: UInt32(checksum), length: UInt32(length))
  }
}
