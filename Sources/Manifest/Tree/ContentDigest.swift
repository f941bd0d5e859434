package import Archive
package import Linux

/// A buffer for reading files one after the other. A new buffer for each file would cost the kernel
/// new pages.
package struct ReadBuffer: ~Copyable {
  /// In bytes.
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
  ///   - buffer: used for reading.
  ///   - take: gets the content piece by piece.
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
