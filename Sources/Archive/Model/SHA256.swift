internal import CCrypto

/// A SHA-256 computation under way (FIPS 180-4), by libcrypto with the processor's instructions.
package struct SHA256: ~Copyable {
  private var context = SHA256_CTX()

  package init() { SHA256_Init(&context) }

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// The digest of all that was added. What is added afterwards is the start of something else.
  package mutating func finish() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Digest.size, alignment: 8) { bytes in
      SHA256_Final(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
      SHA256_Init(&context)
      return Digest(UnsafeRawBufferPointer(bytes))
    }
  }

  /// The digest of bytes at hand.
  package static func digest(of bytes: some Sequence<UInt8>) -> Digest {
    var hash = SHA256()
    ContiguousArray(bytes).withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }
}
