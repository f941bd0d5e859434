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
    } catch let error where error.errno == .wouldBlock {
      return false
    }
  }
}

extension Descriptor {
  /// Takes the lock, asking again for up to `seconds` while somebody else holds it.
  ///
  /// - Returns: false when it was not to be had in that time.
  package func lock(waitingUpTo seconds: Double) throws(SystemError) -> Bool {
    let deadline = Clock.monotonicSeconds() + seconds
    var pause = 0.001
    while try !tryLock() {
      let left = deadline - Clock.monotonicSeconds()
      if left <= 0 { return false }
      Clock.sleep(seconds: min(pause, left))
      pause = min(pause * 2, 0.05)
    }
    return true
  }
}
