internal import CLinux
internal import Glibc

/// A pipe, see pipe(7).
package struct Pipe: ~Copyable, Sendable {
  package let reading: Descriptor
  package let writing: Descriptor

  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try attempt("pipe2") { pipe2(&ends, O_CLOEXEC) }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }

  /// Lets it hold more, so that its ends take turns less often. Not every user may; that is fine.
  package borrowing func widen(to bytes: Int) {
    _ = fcntl(writing.raw, Int32(CLINUX_F_SETPIPE_SZ), Int32(bytes))
  }
}
