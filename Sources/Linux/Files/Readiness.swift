internal import CLinux
internal import Glibc

/// Waits for input or output; see poll(2).
extension Descriptor {
  /// Waits for input for at most this number of seconds. Returns true when there is something to
  /// read, or the end of the file.
  ///
  /// - Throws: `SystemError` if poll(2) fails.
  package func waitReadable(seconds: Double) throws(SystemError) -> Bool {
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    return try systemCall("poll", path) { poll(&entry, 1, pollTime(seconds)) } > 0
  }

  /// Waits until this descriptor or `other` has something to read or is at its end. Returns true
  /// when `other` is.
  ///
  /// - Throws: `SystemError` if poll(2) fails.
  package func waitReadable(or other: borrowing Descriptor) throws(SystemError) -> Bool {
    var entries = [
      pollfd(fd: raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try systemCall("poll", path) { poll(&entries, 2, -1) }
    return entries[1].revents != 0
  }

  /// Waits until one of two descriptors has something to read or is at its end.
  ///
  /// - Parameters:
  ///   - isOver: whether to ignore this descriptor, since its end was read before.
  ///   - other: the other descriptor.
  ///   - otherIsOver: whether to ignore the other one.
  ///   - seconds: the longest time to wait.
  /// - Returns: which of them are readable or at their end.
  /// - Throws: `SystemError` if poll(2) fails.
  package func waitReadable(
    _ isOver: Bool, and other: borrowing Descriptor, _ otherIsOver: Bool, seconds: Double
  ) throws(SystemError) -> (first: Bool, second: Bool) {
    // poll(2) ignores negative numbers.
    var entries = [
      pollfd(fd: isOver ? -1 : raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: otherIsOver ? -1 : other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try systemCall("poll", path) { poll(&entries, 2, pollTime(seconds)) }
    return (entries[0].revents != 0, entries[1].revents != 0)
  }

  /// Waits until this descriptor accepts more bytes or has lost its reader. Returns true when
  /// `other` is readable.
  ///
  /// - Throws: `SystemError` if poll(2) fails.
  func waitWritable(or other: borrowing Descriptor) throws(SystemError) -> Bool {
    var entries = [
      pollfd(fd: raw, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try systemCall("poll", path) { poll(&entries, 2, -1) }
    return entries[1].revents != 0
  }

  /// Makes reads and writes fail with EAGAIN if they would wait, see O_NONBLOCK in fcntl(2). This
  /// applies to all duplicates of the descriptor.
  ///
  /// - Throws: `SystemError` if fcntl(2) fails.
  package func setNonBlocking() throws(SystemError) {
    let flags = try systemCall("fcntl", path) { fcntl(raw, F_GETFL) }
    try systemCall("fcntl", path) { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Writes all bytes to a non-blocking descriptor. Returns false when `other` became readable
  /// before all bytes were written.
  ///
  /// - Throws: `SystemError` if write(2) or poll(2) fails.
  package func write(
    _ buffer: UnsafeRawBufferPointer, unlessReadable other: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    var rest = buffer
    while !rest.isEmpty {
      do throws(SystemError) {
        let count = try systemCall("write", path) { Glibc.write(raw, rest.baseAddress, rest.count) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } catch let error where error.errno == .wouldBlock {
        if try waitWritable(or: other) { return false }
      }
    }
    return true
  }
}

/// Returns a time limit in milliseconds for poll(2), which can't express more than 24 days.
///
/// - Parameter seconds: the limit in seconds, as long as a person has typed it.
/// - Returns: the limit in milliseconds.
func pollTime(_ seconds: Double) -> Int32 {
  Int32(min(max(seconds * 1000, 0), Double(Int32.max)))
}
