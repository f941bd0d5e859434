internal import CLinux
internal import Glibc

/// Waiting for input, see poll(2).
extension Descriptor {
  /// Waits up to so many seconds; true when there is something to read, or the end.
  package func waitReadable(seconds: Double) throws(SystemError) -> Bool {
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    return try attempt("poll", path) { poll(&entry, 1, Int32(seconds * 1000)) } > 0
  }

  /// Waits until there is something to read, or the end; true when `other` was first.
  package func waitReadable(or other: borrowing Descriptor) throws(SystemError) -> Bool {
    var entries = [
      pollfd(fd: raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try attempt("poll", path) { poll(&entries, 2, -1) }
    return entries[1].revents != 0
  }

  /// Waits up to so many seconds for one of two, leaving out those that are over.
  ///
  /// - Returns: which have something to read, or their end.
  package func waitReadable(
    _ isOver: Bool, and other: borrowing Descriptor, _ otherIsOver: Bool, seconds: Double
  ) throws(SystemError) -> (first: Bool, second: Bool) {
    // poll(2) passes over negative numbers.
    var entries = [
      pollfd(fd: isOver ? -1 : raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: otherIsOver ? -1 : other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try attempt("poll", path) { poll(&entries, 2, Int32(seconds * 1000)) }
    return (entries[0].revents != 0, entries[1].revents != 0)
  }

  /// Waits until it takes more, or nobody reads it any more; true when `other` was readable first.
  package func waitWritable(or other: borrowing Descriptor) throws(SystemError) -> Bool {
    var entries = [
      pollfd(fd: raw, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: other.raw, events: Int16(POLLIN), revents: 0),
    ]
    try attempt("poll", path) { poll(&entries, 2, -1) }
    return entries[1].revents != 0
  }

  /// Lets reads and writes fail with EAGAIN where they would wait, see fcntl(2). Holds for all
  /// duplicates of this descriptor.
  package func setNonBlocking() throws(SystemError) {
    let flags = try attempt("fcntl", path) { fcntl(raw, F_GETFL) }
    try attempt("fcntl", path) { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Writes all of it to a descriptor that does not block.
  ///
  /// - Returns: false when `other` became readable before all was written.
  package func write(
    _ buffer: UnsafeRawBufferPointer, unlessReadable other: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    var rest = buffer
    while !rest.isEmpty {
      do throws(SystemError) {
        let count = try attempt("write", path) { Glibc.write(raw, rest.baseAddress, rest.count) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } catch let error where error.errno == .wouldBlock {
        if try waitWritable(or: other) { return false }
      }
    }
    return true
  }
}
