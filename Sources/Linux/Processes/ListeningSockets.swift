internal import Glibc

/// The sockets of this network namespace that listen, and the processes that hold them.
package enum ListeningSockets {
  /// A socket that listens.
  package struct Socket: Hashable, Sendable {
    /// The inode, which identifies the socket.
    package let inode: UInt64
    /// The user that made the socket; nil for a Unix socket.
    package let user: UserID?
  }

  /// Returns the sockets that get the connections to an address and a port; see proc_net_tcp(5). The
  /// kernel prefers a socket that is bound to the address over one for all addresses.
  ///
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func tcp(
    _ address: InternetAddress, port: UInt16
  ) throws(SystemError) -> Set<Socket> {
    var exact: Set<Socket> = []
    var general: Set<Socket> = []
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
      let text: String
      do throws(SystemError) {
        text = try readText(file)
      } catch let error where error.errno == .noEntry {
        // The kernel has no IPv6.
        continue
      }
      for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
        guard let (local, socket) = listener(line, port: port) else { continue }
        if local == address {
          exact.insert(socket)
        } else if local.isWildcard, address.isVersion4 || !local.isVersion4 {
          general.insert(socket)
        }
      }
    }
    return exact.isEmpty ? general : exact
  }

  /// Returns the Unix sockets that listen at a path; see proc_net_unix(5).
  ///
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func unix(_ path: String) throws(SystemError) -> Set<Socket> {
    var paths: Set<String> = [path]
    if let resolved = realpath(path, nil) {
      paths.insert(String(cString: resolved))
      free(resolved)
    }
    var sockets: Set<Socket> = []
    for line in try readText("/proc/net/unix").split(separator: "\n") {
      // Number, count, protocol, flags, type, state, inode, path.
      let fields = line.split(separator: " ", maxSplits: 7)
      guard fields.count == 8, let flags = UInt32(fields[3], radix: 16),
        flags & acceptsConnections != 0, let inode = UInt64(fields[6]),
        paths.contains(String(fields[7]))
      else { continue }
      sockets.insert(Socket(inode: inode, user: nil))
    }
    return sockets
  }

  /// The flag `__SO_ACCEPTCON`.
  static let acceptsConnections: UInt32 = 1 << 16
  /// The state TCP_LISTEN.
  private static let listens = Array("0A".utf8)

  /// Reads a line of `/proc/net/tcp`: number, local address, remote address, state, queues, timer,
  /// retransmissions, user, timeout, inode.
  private static func listener(
    _ line: Substring.UTF8View, port: UInt16
  ) -> (InternetAddress, Socket)? {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
    guard fields.count > 9, fields[3].elementsEqual(listens) else { return nil }
    let local = fields[1].split(separator: UInt8(ascii: ":"))
    guard local.count == 2, UInt16(text(local[1]), radix: 16) == port,
      let address = InternetAddress(bytes: bytes(ofWords: local[0])),
      let user = UserID(text(fields[7])), let inode = UInt64(text(fields[9]))
    else { return nil }
    return (address, Socket(inode: inode, user: user))
  }

  /// Converts words of eight hexadecimal digits, which the kernel prints in its own byte order.
  private static func bytes(ofWords digits: Substring.UTF8View) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = digits
    while !rest.isEmpty {
      guard let word = UInt32(text(rest.prefix(8)), radix: 16) else { return [] }
      withUnsafeBytes(of: word) { bytes += $0 }
      rest = rest.dropFirst(8)
    }
    return bytes
  }

  private static func text(_ bytes: Substring.UTF8View) -> String { String(Substring(bytes)) }

  /// Returns the processes that hold one of the sockets, as far as this user may see them; see
  /// proc_pid_fd(5).
  ///
  /// - Parameters:
  ///   - sockets: the sockets.
  ///   - stop: called for each process; the search ends when it returns true.
  /// - Returns: the process IDs in ascending order.
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func holders(
    of sockets: Set<Socket>, stop: () -> Bool = { false }
  ) throws(SystemError) -> [Int32] {
    let names = Set(sockets.map { "socket:[\($0.inode)]" })
    if names.isEmpty { return [] }
    var holders: [Int32] = []
    for entry in try Descriptor.openDirectory("/proc").entries() {
      guard let pid = Int32(entry.name) else { continue }
      if stop() { break }
      let place = "/proc/\(pid)/fd"
      guard let directory = try? Descriptor.openDirectory(place),
        let files = try? directory.entries()
      else { continue }
      let holds = files.contains { file in
        guard let target = try? readLinkBytes(at: directory.raw, file.name) else { return false }
        return names.contains(String(decoding: target, as: UTF8.self))
      }
      if holds { holders.append(pid) }
    }
    return holders.sorted()
  }
}
