import Glibc
import Testing

@testable import Linux

/// Real Unix sockets.
@Suite struct LocalSocketTests {
  private let scratch: Scratch
  private var path: String { "\(scratch.path)/s" }

  init() throws { scratch = try Scratch() }

  @Test func `a socket that listens accepts, also behind a link`() throws {
    let listener = try Listener(path: path)
    symlink("s", "\(scratch.path)/live")
    #expect(LocalSocket.accepts(path))
    #expect(LocalSocket.accepts("\(scratch.path)/live"))
    withExtendedLifetime((scratch, listener)) {}
  }

  @Test func `nothing accepts at a stale socket, a file, a directory or no name`() throws {
    do {
      let listener = try Listener(path: path)
      withExtendedLifetime(listener) {}
    }
    #expect(!LocalSocket.accepts(path), "its process has ended")
    let file = open("\(scratch.path)/file", O_CREAT | O_WRONLY, 0o600)
    close(file)
    for name in ["file", ".", "none"] { #expect(!LocalSocket.accepts("\(scratch.path)/\(name)")) }
    #expect(!LocalSocket.accepts("/" + String(repeating: "x", count: 107)))
    #expect(!LocalSocket.accepts("\(scratch.path)/s\0x"))
    withExtendedLifetime(scratch) {}
  }

  @Test func `a queue that is full counts as accepting`() throws {
    // The queue of the listener holds two connections.
    let listener = try Listener(path: path)
    let clients = try (1...2).map { _ in try Client(path: path) }
    #expect(LocalSocket.accepts(path))
    #expect(LocalSocket.accepts(path))
    withExtendedLifetime((scratch, listener, clients)) {}
  }

  @Test func `connections are counted, accepted or not`() throws {
    let listener = try Listener(path: path)
    #expect(try LocalSocket.connections(to: path) == 0)
    let first = try Client(path: path)
    #expect(try LocalSocket.connections(to: path) == 1, "it waits to be accepted")
    let accepted = accept(listener.raw, nil, nil)
    #expect(try LocalSocket.connections(to: path) == 1)
    var second: Client? = try Client(path: path)
    #expect(try LocalSocket.connections(to: path) == 2)
    withExtendedLifetime(second) {}
    second = nil
    close(accept(listener.raw, nil, nil))
    #expect(try LocalSocket.connections(to: path) == 1)
    close(accepted)
    #expect(try LocalSocket.connections(to: path) == 0)
    withExtendedLifetime((scratch, listener, first)) {}
  }

  @Test func `connections to a socket that nothing listens at can't be counted`() throws {
    #expect(try LocalSocket.connections(to: path) == nil)
    #expect(try LocalSocket.connections(to: "") == nil)
    withExtendedLifetime(scratch) {}
  }

  @Test func `a path that begins like another one is not counted`() throws {
    let listener = try Listener(path: path)
    let other = try Listener(path: path + "2")
    let client = try Client(path: path + "2")
    #expect(try LocalSocket.connections(to: path) == 0)
    #expect(try LocalSocket.connections(to: path + "2") == 1)
    withExtendedLifetime((scratch, listener, other, client)) {}
  }
}

/// A connection to a Unix socket until the value ends.
private final class Client {
  private let raw: Int32

  init(path: String) throws {
    raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(raw, $0, size) }
    }
    try #require(result == 0)
  }

  deinit { close(raw) }
}
