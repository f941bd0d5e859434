internal import Glibc

/// A Unix socket at a path; see unix(7).
package enum LocalSocket {
  /// Whether a process accepts connections at a path. It connects once, and closes the connection at
  /// once. A queue that is full counts as accepting.
  ///
  /// - Parameter path: the path of the socket, or of a link to it; at most 107 bytes.
  /// - Returns: whether the kernel has made a connection.
  package static func accepts(_ path: String) -> Bool {
    let number = connectionError(path)
    return number == 0 || number == EAGAIN
  }

  /// Whether this user may not connect to a socket at a path, whether or not a process accepts
  /// connections there.
  ///
  /// - Parameter path: the path of the socket, or of a link to it; at most 107 bytes.
  /// - Returns: whether connect(2) fails with EACCES.
  package static func isDenied(_ path: String) -> Bool { connectionError(path) == EACCES }

  /// Connects once, and returns the error number; 0 if the kernel has made a connection.
  private static func connectionError(_ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room, !path.utf8.contains(0) else { return ENAMETOOLONG }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    guard raw >= 0 else { return errno }
    let connection = Descriptor(owning: raw)
    while true {
      let result = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(connection.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 { return 0 }
      let number = errno
      if number != EINTR { return number }
    }
  }

  /// Counts the connections to the processes that listen at a path, with those that they have not
  /// accepted yet; see proc_net_unix(5).
  ///
  /// - Parameter path: the path to which the listening socket is bound.
  /// - Returns: the number; nil if no socket of this network namespace listens there, so that its
  ///   connections can't be seen.
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func connections(to path: String) throws(SystemError) -> Int? {
    var count = 0
    var isListening = false
    for line in try readText("/proc/net/unix").utf8.split(separator: UInt8(ascii: "\n")) {
      // Number, count, protocol, flags, type, state, inode, path.
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 7)
      guard fields.count == 8, fields[7].elementsEqual(path.utf8),
        let flags = UInt32(String(Substring(fields[3])), radix: 16)
      else { continue }
      if flags & ListeningSockets.acceptsConnections != 0 {
        isListening = true
      } else {
        count += 1
      }
    }
    return isListening ? count : nil
  }
}
