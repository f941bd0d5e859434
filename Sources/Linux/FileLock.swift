internal import Glibc

extension Descriptor {
  /// Takes the kernel's exclusive lock on this open file without waiting, see flock(2). It goes
  /// when the last descriptor of this open file is closed, however its process ends.
  ///
  /// - Returns: false when somebody else holds it.
  package func tryLock() throws(SystemError) -> Bool {
    do throws(SystemError) {
      try attempt("flock", path) { flock(raw, LOCK_EX | LOCK_NB) }
      return true
    } catch where error.errno == .wouldBlock {
      return false
    }
  }
}
