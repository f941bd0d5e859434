/// Computes the digests of files while their content passes by.
final class ContentHasher {
  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  private var hash: SHA256?

  /// A file begins.
  func begin() { hash = SHA256() }

  func add(_ piece: ContentPiece) {
    switch piece {
    case .bytes(let bytes): hash?.update(bytes)
    case .hole(let count): addZeros(count)
    }
  }

  /// The digest of the file begun last.
  func finish() -> Digest {
    guard let hash = hash.take() else { preconditionFailure("no file has begun") }
    return hash.finish()
  }

  private func addZeros(_ count: Int64) {
    var rest = count
    while rest > 0 {
      let used = Int(min(rest, Int64(Self.zeros.count)))
      Self.zeros.withUnsafeBytes { hash?.update(UnsafeRawBufferPointer(rebasing: $0[..<used])) }
      rest -= Int64(used)
    }
  }
}
