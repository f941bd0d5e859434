/// Checks what follows the last member of a tar: the end marker, and zeros up to the end. Only the
/// index that pixz(1) appends may follow them, which tar(1) ignores like everything after the marker.
struct TarTrailer {
  private static let markerSize: Int64 = 1024
  private static let blockSize: Int64 = 512
  private static let indexMagic: [UInt8] = [0xA6, 0x4C, 0x32, 0x2E, 0xD6, 0x14, 0xAE, 0xDB]
  /// The maximum length of a name in the index, in bytes.
  private static let nameLimit = 4096

  private enum State: Equatable {
    case zeros
    case magic(count: Int)
    /// In a name that has this length so far.
    case name(length: Int)
    /// In the offset of a member, 8 bytes. The last entry has no name.
    case offset(count: Int, isLast: Bool)
    case end
    /// After something other than zeros or an index.
    case garbage
  }

  private var state = State.zeros
  private var zeros: Int64 = 0

  /// Takes the next bytes after the last member. What they are is reported by ``finish()``, since a
  /// truncated stream may end with wrong bytes.
  mutating func append(_ bytes: some Collection<UInt8>) {
    var rest = bytes[...]
    if state == .zeros {
      let content = rest.firstIndex { $0 != 0 } ?? rest.endIndex
      zeros += Int64(rest.distance(from: rest.startIndex, to: content))
      rest = rest[content...]
    }
    for byte in rest {
      if state == .garbage { return }
      state = state(after: byte) ?? .garbage
    }
  }

  /// Checks what followed the last member.
  ///
  /// - Throws: `ArchiveError` when the end marker is missing, or something other than zeros and a
  ///   complete index followed.
  func finish() throws(ArchiveError) {
    switch state {
    case .zeros: if zeros < Self.markerSize { throw ArchiveError(.truncated) }
    case .end: return
    case .magic, .name, .offset, .garbage: throw ArchiveError(.rejected(.trailingData))
    }
  }

  /// Returns the state after one more byte; nil when the byte is not allowed.
  private func state(after byte: UInt8) -> State? {
    switch state {
    case .zeros:
      let mayBegin = zeros >= Self.markerSize && zeros % Self.blockSize == 0
      return mayBegin && byte == Self.indexMagic[0] ? .magic(count: 1) : nil
    case .magic(let count):
      guard byte == Self.indexMagic[count] else { return nil }
      return count + 1 == Self.indexMagic.count ? .name(length: 0) : .magic(count: count + 1)
    case .name(let length):
      if byte == 0 { return .offset(count: 0, isLast: length == 0) }
      return length < Self.nameLimit ? .name(length: length + 1) : nil
    case .offset(let count, let isLast):
      if count + 1 < 8 { return .offset(count: count + 1, isLast: isLast) }
      return isLast ? .end : .name(length: 0)
    case .end, .garbage: return nil
    }
  }
}
