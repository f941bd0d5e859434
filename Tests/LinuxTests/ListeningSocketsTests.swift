import Glibc
import Testing

@testable import Linux

@Suite struct ListeningSocketsTests {
  @Test(arguments: ["127.0.0.1", "127.0.0.2", "::1"])
  func `a socket that listens is found by its address and port`(text: String) throws {
    let socket = try Listener(address: text)
    let found = try ListeningSockets.tcp(try #require(InternetAddress(text)), port: socket.port)
    #expect(found.map(\.inode) == [socket.inode])
    #expect(found.first?.user == geteuid())
    #expect(try ListeningSockets.holders(of: found).contains(getpid()))
    let other = try #require(InternetAddress("127.0.0.3"))
    #expect(try ListeningSockets.tcp(other, port: socket.port).isEmpty)
    #expect(try ListeningSockets.holders(of: []) == [])
  }

  @Test(arguments: [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::", "::1")])
  func `a socket for all addresses is found for each address`(bound: String, asked: String) throws {
    let socket = try Listener(address: bound)
    let found = try ListeningSockets.tcp(try #require(InternetAddress(asked)), port: socket.port)
    #expect(found.map(\.inode) == [socket.inode])
  }

  /// The kernel prefers it, too.
  @Test func `a socket for one address outweighs one for all addresses`() throws {
    let general = try Listener(address: "0.0.0.0")
    let exact = try Listener(address: "127.0.0.1", port: general.port)
    let address = try #require(InternetAddress("127.0.0.1"))
    #expect(
      try ListeningSockets.tcp(address, port: general.port).map(\.inode) == [exact.inode])
  }

  @Test func `a Unix socket is found by its path, also through a link`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/s"
    let socket = try Listener(path: path)
    #expect(try ListeningSockets.unix(path).map(\.inode) == [socket.inode])
    symlink(path, "\(scratch.path)/link")
    #expect(try ListeningSockets.unix("\(scratch.path)/link").map(\.inode) == [socket.inode])
    #expect(try ListeningSockets.unix("\(scratch.path)/none").isEmpty)
    withExtendedLifetime(scratch) {}
  }

  @Test func `an address is parsed and compared by its bytes`() {
    #expect(InternetAddress("::ffff:127.0.0.1") == InternetAddress("127.0.0.1"))
    #expect(InternetAddress("0:0::1") == InternetAddress("::1"))
    for text in ["127.0.0.1", "127.9.9.9", "::1"] {
      #expect(InternetAddress(text)?.isLoopback == true, "\(text)")
    }
    for text in ["0.0.0.0", "::", "10.0.0.1", "::2", "fe80::1"] {
      #expect(InternetAddress(text)?.isLoopback == false, "\(text)")
    }
    for text in ["", "localhost", "127.1", "1.2.3.4.5", "[::1]", "1.2.3.4 "] {
      #expect(InternetAddress(text) == nil, "\(text)")
    }
  }
}

/// A socket that listens until the value ends.
final class Listener {
  let raw: Int32
  private(set) var port: UInt16 = 0
  private(set) var inode: UInt64 = 0

  init(address text: String, port: UInt16 = 0) throws {
    let isOld = text.contains(".")
    raw = socket(isOld ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(raw, SOL_SOCKET, SO_REUSEPORT, &yes, socklen_t(MemoryLayout<Int32>.size))
    if isOld {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      inet_pton(AF_INET, text, &address.sin_addr)
      try listen(on: &address)
      self.port = UInt16(bigEndian: address.sin_port)
    } else {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      inet_pton(AF_INET6, text, &address.sin6_addr)
      try listen(on: &address)
      self.port = UInt16(bigEndian: address.sin6_port)
    }
  }

  init(path: String) throws {
    raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    try listen(on: &address)
  }

  deinit { close(raw) }

  private func listen<Address>(on address: inout Address) throws {
    var size = socklen_t(MemoryLayout<Address>.size)
    let (bound, named) = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      let bound = bind(raw, pointer, size)
      return (bound, getsockname(raw, pointer, &size))
    }
    try #require(bound == 0 && named == 0 && Glibc.listen(raw, 1) == 0)
    var status = stat()
    try #require(fstat(raw, &status) == 0)
    inode = UInt64(status.st_ino)
  }
}
