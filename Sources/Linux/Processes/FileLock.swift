internal import Glibc

extension Descriptor {
  /// Takes the exclusive lock on this open file without waiting; see flock(2). Returns false when
  /// another open file holds it. The kernel releases the lock when the last descriptor of this open
  /// file is closed, however its process ends.
  ///
  /// - Throws: `SystemError` if flock(2) fails, except with EWOULDBLOCK.
  package func tryLock() throws(SystemError) -> Bool {
    do throws(SystemError) {
      try systemCall("flock", path) { flock(raw, LOCK_EX | LOCK_NB) }
      return true
    } catch let error where error.errno == .wouldBlock {
      return false
    }
  }
}

extension Descriptor {
  /// Takes the lock, and tries again for up to `seconds` while another open file holds it. Returns
  /// false when that time has passed.
  ///
  /// - Throws: `SystemError` if flock(2) fails, except with EWOULDBLOCK.
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
