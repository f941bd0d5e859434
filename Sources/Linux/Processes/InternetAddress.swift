internal import Glibc

/// An IPv4 or IPv6 address. An IPv4 address is stored as the IPv6 address that maps it.
package struct InternetAddress: Hashable, Sendable {
  /// The 16 bytes in network order.
  let bytes: [UInt8]

  private static let mapping = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

  /// - Parameter bytes: 4 or 16 bytes in network order.
  init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.bytes = Self.mapping + bytes
    case 16: self.bytes = bytes
    default: return nil
    }
  }

  /// Parses the text form of an address; see inet_pton(3); nil for any other text.
  package init?(_ text: String) {
    var four = [UInt8](repeating: 0, count: 4)
    var sixteen = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(bytes: four)
    } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
      self.init(bytes: sixteen)
    } else {
      return nil
    }
  }

  /// Whether this is an IPv4 address.
  var isVersion4: Bool { bytes.starts(with: Self.mapping) }
  /// Whether the address is one of this host that no other host can reach.
  package var isLoopback: Bool {
    isVersion4 ? bytes[12] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }
  /// Whether a socket that is bound to this address takes connections to every address.
  var isWildcard: Bool { bytes.suffix(isVersion4 ? 4 : 16).allSatisfy { $0 == 0 } }
}
