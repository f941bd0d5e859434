package import Archive
package import Linux

/// A buffer for reading files one after the other. With a new buffer for each file, the kernel
/// would have to provide new pages each time.
package struct ReadBuffer: ~Copyable {
  /// The size in bytes.
  private static let size = 256 << 10
  fileprivate let bytes: UnsafeMutableRawBufferPointer

  package init() {
    bytes = .allocate(byteCount: ReadBuffer.size, alignment: 4096)
  }

  deinit { bytes.deallocate() }
}

extension Descriptor {
  /// Computes the SHA-256 of the content, from the current position to the end.
  ///
  /// - Parameters:
  ///   - buffer: the buffer for reading.
  ///   - take: receives the content piece by piece.
  /// - Returns: the digest.
  /// - Throws: `SystemError` when the file can't be read.
  package func digestOfContent(
    _ buffer: borrowing ReadBuffer = ReadBuffer(),
    _ take: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(SystemError) -> Digest {
    var hash = SHA256()
    while true {
      let count = try read(into: buffer.bytes)
      if count == 0 { return hash.finish() }
      let piece = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
      hash.update(piece)
      take(piece)
    }
  }
}
