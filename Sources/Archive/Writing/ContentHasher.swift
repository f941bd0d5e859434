/// Computes the digests of files while they are written.
final class ContentHasher {
  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  private var hash = SHA256()

  func add(_ piece: ContentPiece) {
    switch piece {
    case .bytes(let bytes): hash.update(bytes)
    case .hole(let count): addZeros(count)
    }
  }

  /// Returns the digest of the current file and starts the next one.
  func finish() -> Digest { hash.finish() }

  private func addZeros(_ count: Int64) {
    var rest = count
    while rest > 0 {
      let used = Int(min(rest, Int64(Self.zeros.count)))
      Self.zeros.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<used])) }
      rest -= Int64(used)
    }
  }
}
