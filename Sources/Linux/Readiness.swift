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
}
