internal import CCrypto

/// Computes a SHA-256 digest with libcrypto, which uses the processor's instructions for it.
package struct SHA256: ~Copyable {
  private var context = SHA256_CTX()

  package init() { SHA256_Init(&context) }

  /// Adds bytes to the content, see SHA256_Update(3ssl).
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// Returns the digest of all bytes that were added, and starts a new computation.
  package mutating func finish() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Digest.size, alignment: 8) { bytes in
      SHA256_Final(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
      SHA256_Init(&context)
      return Digest(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Returns the digest of the given bytes.
  package static func digest(of bytes: some Sequence<UInt8>) -> Digest {
    var hash = SHA256()
    ContiguousArray(bytes).withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }
}
