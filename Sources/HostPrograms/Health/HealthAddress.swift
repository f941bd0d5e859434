internal import Configuration
internal import Linux

/// The address on this host at which a release answers its health check.
enum HealthAddress: Hashable, Sendable {
  case tcp(Set<InternetAddress>, port: UInt16, text: String)
  case unix(String)

  /// Takes the address from a URL that names the local host, or from a socket; nil for other hosts,
  /// which only curl can resolve.
  init?(_ probe: Configuration.HTTPProbe) {
    if let path = probe.unixSocket {
      self = .unix(path)
      return
    }
    guard let (host, port) = Self.hostAndPort(of: probe.url) else { return nil }
    let names = host.lowercased() == "localhost" ? ["127.0.0.1", "::1"] : [host]
    let addresses = names.compactMap { InternetAddress($0) }.filter(\.isLoopback)
    guard !addresses.isEmpty else { return nil }
    self = .tcp(
      Set(addresses), port: port, text: "\(host.contains(":") ? "[\(host)]" : host):\(port)")
  }

  /// Takes the address that curl was connected to; nil when it is on another host.
  ///
  /// - Parameters:
  ///   - remote: the address of the server.
  ///   - port: its port.
  ///   - local: the address of this host's end of the connection.
  init?(remote: String, port: String, local: String) {
    guard let address = InternetAddress(remote), let number = UInt16(port), number > 0,
      address.isLoopback || InternetAddress(local) == address
    else { return nil }
    self = .tcp(
      [address], port: number, text: "\(remote.contains(":") ? "[\(remote)]" : remote):\(port)")
  }

  /// Returns the host, without brackets, and the port of an HTTP URL; nil for an invalid URL.
  private static func hostAndPort(of url: String) -> (host: String, port: UInt16)? {
    let text = Substring(url).utf8
    guard let start = text.firstRange(of: "://".utf8)?.upperBound else { return nil }
    let authority = text[start...].prefix { !"/?#".utf8.contains($0) }
    var rest =
      authority.lastIndex(of: UInt8(ascii: "@")).map {
        authority[authority.index(after: $0)...]
      } ?? authority
    let host: String
    if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
      host = String(Substring(rest[rest.index(after: rest.startIndex)..<end]))
      rest = rest[rest.index(after: end)...]
    } else {
      let name = rest.prefix { $0 != UInt8(ascii: ":") }
      host = String(Substring(name))
      rest = rest.dropFirst(name.count)
    }
    let isSecure = url.lowercased().hasPrefix("https:")
    if rest.isEmpty || rest.count == 1 { return (host, isSecure ? 443 : 80) }
    return UInt16(String(Substring(rest.dropFirst()))).map { (host, $0) }
  }
}

extension HealthAddress {
  /// The addresses one by one, of which only one gets a request.
  var alternatives: [HealthAddress] {
    switch self {
    case .unix: [self]
    case .tcp(let addresses, let port, let text):
      addresses.map { .tcp([$0], port: port, text: text) }
    }
  }

  /// Whether a request to the other address may be answered here.
  func covers(_ other: HealthAddress) -> Bool {
    switch (self, other) {
    case (.unix(let path), .unix(let otherPath)): path == otherPath
    case (.tcp(let addresses, let port, _), .tcp(let others, let otherPort, _)):
      port == otherPort && addresses.isSuperset(of: others)
    default: false
    }
  }
}

extension HealthAddress: CustomStringConvertible {
  /// The address, for messages.
  var description: String {
    switch self {
    case .tcp(_, _, let text): text
    case .unix(let path): path
    }
  }
}
