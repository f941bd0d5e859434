internal import CLinux
internal import Glibc

/// Limits on what a process may use; see setrlimit(2).
package struct ResourceLimits: Sendable {
  /// The maximum private memory, in bytes.
  package var memory: UInt64
  /// The maximum processor time, in seconds. The kernel ends the process with SIGXCPU at this
  /// limit.
  package var processorTime: UInt64
  /// The maximum size of a file, in bytes.
  package var fileSize: UInt64
  /// The maximum number of open files.
  package var openFiles: UInt64

  package init(memory: UInt64, processorTime: UInt64, fileSize: UInt64, openFiles: UInt64) {
    self.memory = memory
    self.processorTime = processorTime
    self.fileSize = fileSize
    self.openFiles = openFiles
  }

  /// Applies the limits to this process.
  ///
  /// - Throws: `SystemError` if setrlimit(2) fails.
  func apply() throws(SystemError) {
    // A write beyond the limit then fails instead of ending the process.
    signal(SIGXFSZ, SIG_IGN)
    try lower(RLIMIT_CORE, to: 0)
    try lower(RLIMIT_DATA, to: memory)
    // One more second for the hard limit, at which the kernel sends SIGKILL instead of SIGXCPU.
    try lower(RLIMIT_CPU, to: processorTime, hard: processorTime + 1)
    try lower(RLIMIT_FSIZE, to: fileSize)
    try lower(RLIMIT_NOFILE, to: openFiles)
  }

  /// Lowers a limit. A limit that is already lower is not changed.
  ///
  /// - Throws: `SystemError` if getrlimit(2) or setrlimit(2) fails.
  private func lower(
    _ resource: __rlimit_resource, to value: UInt64, hard: UInt64? = nil
  ) throws(SystemError) {
    var limit = try ResourceLimit.value(of: resource)
    limit.rlim_max = min(limit.rlim_max, UInt(hard ?? value))
    limit.rlim_cur = min(limit.rlim_max, UInt(value))
    try ResourceLimit.set(resource, to: limit)
  }
}
