internal import CLinux
internal import Glibc

/// A pipe; see pipe(7).
package struct Pipe: ~Copyable, Sendable {
  /// The end to read from.
  package let reading: Descriptor
  /// The end to write to.
  package let writing: Descriptor

  /// Opens a pipe; see pipe2(2).
  ///
  /// - Throws: `SystemError` if pipe2(2) fails.
  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2") { pipe2(&ends, O_CLOEXEC) }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }

  /// Enlarges the buffer, so that the two processes switch less often, see F_SETPIPE_SZ in
  /// fcntl(2). A user over their limit of pipe buffers keeps the default size.
  package borrowing func widen(to bytes: Int) {
    _ = fcntl(writing.raw, Int32(CLINUX_F_SETPIPE_SZ), Int32(bytes))
  }
}
