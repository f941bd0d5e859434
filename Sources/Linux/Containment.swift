internal import CLinux
internal import Glibc

/// Takes away from this process all that unpacking an archive does not need, so that one that takes
/// over the decoder has gained nothing.
package enum Containment {
  /// One of the walls around it; none of them relies on another.
  package enum Layer: String, CaseIterable, Sendable {
    /// No set-user-id program gives anything back, see PR_SET_NO_NEW_PRIVS(2const).
    case noNewPrivileges = "no-new-privileges"
    /// Nothing that only root may do, see capabilities(7).
    case noCapabilities = "no-capabilities"
    /// Nothing outside the stage, see landlock(7).
    case landlock
    /// No programs, no sockets, see seccomp(2).
    case seccomp
    /// Bounds on memory, processor time and file size, see setrlimit(2).
    case resourceLimits = "resource-limits"
  }

  /// A layer that this host does not have, or does not let us use.
  package struct MissingLayer: Hashable, Sendable {
    package let layer: Layer
    /// The system's own words, with the call that failed.
    package let reason: String

    package init(_ layer: Layer, reason: String) {
      self.layer = layer
      self.reason = reason
    }
  }

  /// What a process is behind.
  package struct State: Hashable, Sendable {
    package var layers: [Layer] = []
    package var missing: [MissingLayer] = []

    package init() {}
  }

  /// Goes behind all walls there are, for good. To be called before the first thread is started.
  ///
  /// A layer that the kernel lacks, or that something between it and us takes away, is missing in
  /// what is returned and no error: the others don't rely on it. One that failed for any other
  /// reason, such as a lack of memory, is an error, and so are root's capabilities that stay.
  ///
  /// - Throws: `SystemError` of the layer that could be there and is not.
  package static func enter(
    confinedTo directory: borrowing Descriptor, _ limits: ResourceLimits
  ) throws(SystemError) -> State {
    // Both only help in an accident.
    _ = clinux_end_with_parent(SIGKILL)
    _ = clinux_not_dumpable()
    var state = State()
    // The filter comes last: it would not let the others through.
    for layer in Layer.allCases.filter({ $0 != .seccomp }) + [.seccomp] {
      do throws(SystemError) {
        switch layer {
        case .noNewPrivileges: try attempt("prctl") { clinux_no_new_privileges() }
        case .noCapabilities: try attempt("capset") { clinux_drop_capabilities() }
        case .landlock: try Landlock.confine(to: directory)
        case .seccomp: try SystemCallFilter.install()
        case .resourceLimits: try limits.apply()
        }
        state.layers.append(layer)
      } catch {
        let isRoots = layer == .noCapabilities && geteuid() == 0
        guard error.errno.meansTakenAway, !isRoots else { throw error }
        state.missing.append(MissingLayer(layer, reason: "\(error)"))
      }
    }
    state.layers = Layer.allCases.filter(state.layers.contains)
    return state
  }
}

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

  fileprivate func apply() throws(SystemError) {
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
