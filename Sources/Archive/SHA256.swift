internal import CCrypto

/// A SHA-256 computation under way (FIPS 180-4), by libcrypto with the processor's instructions.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has no memory for a SHA-256 context")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The digest of all that was added. What is added afterwards is the start of something else.
  package mutating func finish() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Digest.size, alignment: 8) { bytes in
      EVP_DigestFinal_ex(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      EVP_DigestInit_ex(context, nil, nil)
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
