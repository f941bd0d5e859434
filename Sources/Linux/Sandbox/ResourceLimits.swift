internal import Glibc

/// What a process may use at most, see setrlimit(2).
package struct ResourceLimits: Sendable {
  /// Private memory, in bytes.
  package var memory: UInt64
  /// In seconds; the kernel then ends the process with SIGXCPU.
  package var processorTime: UInt64
  /// Of any one file, in bytes.
  package var fileSize: UInt64
  /// Descriptors.
  package var openFiles: UInt64

  package init(memory: UInt64, processorTime: UInt64, fileSize: UInt64, openFiles: UInt64) {
    self.memory = memory
    self.processorTime = processorTime
    self.fileSize = fileSize
    self.openFiles = openFiles
  }

  func apply() throws(SystemError) {
    // A write beyond the limit is an error of the write.
    signal(SIGXFSZ, SIG_IGN)
    try set(RLIMIT_CORE, 0)
    try set(RLIMIT_DATA, memory)
    // A second more for the signal that tells: at the hard limit it is SIGKILL.
    try set(RLIMIT_CPU, processorTime, processorTime + 1)
    try set(RLIMIT_FSIZE, fileSize)
    try set(RLIMIT_NOFILE, openFiles)
  }

  /// Never raises what is set already.
  private func set(
    _ resource: __rlimit_resource, _ value: UInt64, _ hard: UInt64? = nil
  ) throws(SystemError) {
    var limit = rlimit()
    try attempt("getrlimit") { getrlimit(__rlimit_resource_t(resource.rawValue), &limit) }
    limit.rlim_max = min(limit.rlim_max, UInt(hard ?? value))
    limit.rlim_cur = min(limit.rlim_max, UInt(value))
    try attempt("setrlimit") { setrlimit(__rlimit_resource_t(resource.rawValue), &limit) }
  }
}
