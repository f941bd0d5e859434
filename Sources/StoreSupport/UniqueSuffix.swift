internal import Linux

/// Returns eight random hexadecimal digits, for names that must not collide with any other.
package func uniqueSuffix() -> String {
  HostFacts.randomBytes(4).map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}
