internal import Glibc

/// The log of the host; see syslog(3).
package enum SystemLog {
  /// The severity of a line; see syslog(3).
  package enum Severity: Int, Sendable {
    case warning = 4
    case notice = 5
  }

  private static let socketPath = "/dev/log"
  private static let daemons = 3

  /// Sends one line. The line is dropped when the log is full or missing.
  package static func send(_ line: String, _ severity: Severity) {
    let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    guard raw >= 0 else { return }
    let connection = Descriptor(owning: raw)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
    let isThere = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isThere else { return }
    let text = "<\(daemons << 3 | severity.rawValue)>releases[\(ProcessFacts.pid)]: \(line)"
    let bytes = Array(text.utf8)
    _ = Glibc.send(connection.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
