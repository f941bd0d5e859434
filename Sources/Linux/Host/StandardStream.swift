internal import CLinux
internal import Glibc

/// The three standard streams.
package enum StandardStream: Int32, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// Whether the stream is a terminal; see isatty(3).
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The width of the terminal in columns; nil for other files and if the width is unknown.
  package var columns: Int? {
    let columns = Int(clinux_terminal_columns(rawValue))
    return columns > 0 ? columns : nil
  }

  /// Whether the stream is a pipe or a terminal whose other side was closed.
  package var isAbandoned: Bool {
    var entry = pollfd(fd: rawValue, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR | POLLHUP) != 0
  }

  /// Writes the whole text.
  ///
  /// - Throws: `SystemError` if write(2) fails.
  package func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

  /// Writes bytes as long as the reader keeps up, so that no change waits for a reader that hangs.
  ///
  /// - Parameters:
  ///   - bytes: the bytes to write.
  ///   - seconds: how long to wait for each piece to be accepted.
  /// - Returns: false when the rest was dropped.
  package func write(_ bytes: [UInt8], waitingUpTo seconds: Double) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
      let ready = try? systemCall("poll") { poll(&entry, 1, pollTime(seconds)) }
      guard let ready, ready > 0 else { return false }
      // After poll(2), a pipe accepts at least this many bytes, see PIPE_BUF in pipe(7).
      let piece = rest.prefix(Int(PIPE_BUF))
      guard (try? write(Array(piece))) != nil else { return false }
      rest = rest.dropFirst(piece.count)
    }
    return true
  }

  /// Writes all bytes.
  ///
  /// - Throws: `SystemError` if write(2) fails.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    let failure: SystemError? = bytes.withUnsafeBytes { buffer in
      var rest = buffer
      do throws(SystemError) {
        while !rest.isEmpty {
          let written = try systemCall("write") {
            Glibc.write(rawValue, rest.baseAddress, rest.count)
          }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }
}
