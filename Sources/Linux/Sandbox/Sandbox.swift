internal import CLinux
internal import Glibc

/// The sandbox around the unpack worker. It removes all permissions that unpacking does not need,
/// so that an archive that takes control of the decoder gains nothing.
package enum Sandbox {
  /// A sandbox layer. The layers are independent of each other.
  package enum Layer: String, CaseIterable, Sendable {
    /// Set-user-ID programs give no privileges, see PR_SET_NO_NEW_PRIVS(2const).
    case noNewPrivileges = "no-new-privileges"
    /// The process has no capabilities of root; see capabilities(7).
    case noCapabilities = "no-capabilities"
    /// The process can open no files outside the stage; see landlock(7).
    case landlock
    /// The stage is the root directory of the process; see chroot(2). It takes Landlock's place where
    /// that is missing or does not permit what archives contain.
    case privateRoot = "private-root"
    /// The process sees no other processes; see pid_namespaces(7). Only together with `privateRoot`.
    case privateProcesses = "private-processes"
    /// The process can start no programs and open no sockets; see seccomp(2).
    case seccomp
    /// Memory, processor time and file sizes are limited; see setrlimit(2).
    case resourceLimits = "resource-limits"
  }

  /// A sandbox layer that this host does not have or does not permit.
  package struct MissingLayer: Hashable, Sendable {
    /// The layer that is missing.
    package let layer: Layer
    /// The call that failed, with the system's error message.
    package let reason: String

    package init(_ layer: Layer, reason: String) {
      self.layer = layer
      self.reason = reason
    }
  }

  /// The sandbox layers of a process.
  package struct State: Hashable, Sendable {
    /// The active layers.
    package var layers: [Layer] = []
    /// The layers that could not be entered, with the reasons.
    package var missing: [MissingLayer] = []

    package init() {}
  }

  /// Permanently enters all sandbox layers that the host permits. Call it before the first thread
  /// is started.
  ///
  /// A layer that the kernel lacks, or that a container or a systemd unit blocks, is not an error:
  /// it is listed as missing, and the other layers don't depend on it. Any other failure, such as a
  /// lack of memory, is an error. So is a failure to drop root's capabilities.
  ///
  /// - Parameters:
  ///   - directory: the only directory that the process can open files in.
  ///   - limits: the limits on what the process may use.
  /// - Returns: the layers that were entered, and those that are missing.
  /// - Throws: `SystemError` of the layer that failed for another reason than being unavailable.
  package static func enter(
    confinedTo directory: borrowing Descriptor, _ limits: ResourceLimits
  ) throws(SystemError) -> State {
    // Neither this nor the next one is a sandbox layer, so a failure does not matter.
    _ = clinux_end_with_parent(SIGKILL)
    var state = State()
    try state.add(.noNewPrivileges) { () throws(SystemError) in
      try systemCall("prctl") { clinux_no_new_privileges() }
    }
    try confineFiles(to: directory, limits, &state)
    // Otherwise the process could not write its own files in /proc before.
    _ = clinux_not_dumpable()
    try state.add(.noCapabilities, isRequired: geteuid() == 0) { () throws(SystemError) in
      try systemCall("capset") { clinux_drop_capabilities() }
    }
    try state.add(.resourceLimits) { () throws(SystemError) in try limits.apply() }
    // The filter comes last: it blocks the calls that the other layers need.
    try state.add(.seccomp) { () throws(SystemError) in try SystemCallFilter.install() }
    state.layers = Layer.allCases.filter(state.layers.contains)
    return state
  }

  /// Confines the process to files in the directory: by Landlock, or by a private root directory.
  ///
  /// - Throws: `SystemError` when Landlock fails for another reason than being unavailable.
  private static func confineFiles(
    to directory: borrowing Descriptor, _ limits: ResourceLimits, _ state: inout State
  ) throws(SystemError) {
    let unavailable: SystemError
    var isFirstVersion = false
    do throws(SystemError) {
      if try Landlock.version() >= Landlock.firstWithLinks {
        try Landlock.confine(to: directory)
        return state.layers.append(.landlock)
      }
      isFirstVersion = true
      unavailable = SystemError(call: "landlock_create_ruleset", errno: .notImplemented)
    } catch {
      guard error.errno.isUnsupported else { throw error }
      unavailable = error
    }
    do throws(SystemError) {
      let isAlone = try Namespaces.enter(root: directory)
      if isAlone { try Namespaces.continueInChild(processorTime: limits.processorTime) }
      state.layers += [.privateRoot] + (isAlone ? [.privateProcesses] : [])
    } catch {
      if isFirstVersion {
        return try state.add(.landlock) { () throws(SystemError) in
          try Landlock.confine(to: directory)
        }
      }
      state.missing.append(MissingLayer(.landlock, reason: "\(unavailable); \(error)"))
    }
  }
}

extension Sandbox.State {
  /// Enters a layer, or lists it as missing if the host does not have it or does not permit it.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - isRequired: whether a missing layer is an error.
  ///   - enter: enters the layer.
  /// - Throws: the error of `enter`, unless the layer is unavailable and not required.
  fileprivate mutating func add(
    _ layer: Sandbox.Layer, isRequired: Bool = false, _ enter: () throws(SystemError) -> Void
  ) throws(SystemError) {
    do throws(SystemError) {
      try enter()
      layers.append(layer)
    } catch {
      guard error.errno.isUnsupported, !isRequired else { throw error }
      missing.append(Sandbox.MissingLayer(layer, reason: "\(error)"))
    }
  }
}
