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
    // Neither is a sandbox layer, so a failure does not matter.
    _ = clinux_end_with_parent(SIGKILL)
    _ = clinux_not_dumpable()
    var state = State()
    // The filter comes last: it blocks the calls that the other layers need.
    for layer in Layer.allCases.filter({ $0 != .seccomp }) + [.seccomp] {
      do throws(SystemError) {
        switch layer {
        case .noNewPrivileges: try systemCall("prctl") { clinux_no_new_privileges() }
        case .noCapabilities: try systemCall("capset") { clinux_drop_capabilities() }
        case .landlock: try Landlock.confine(to: directory)
        case .seccomp: try SystemCallFilter.install()
        case .resourceLimits: try limits.apply()
        }
        state.layers.append(layer)
      } catch {
        let isRoots = layer == .noCapabilities && geteuid() == 0
        guard error.errno.isUnsupported, !isRoots else { throw error }
        state.missing.append(MissingLayer(layer, reason: "\(error)"))
      }
    }
    state.layers = Layer.allCases.filter(state.layers.contains)
    return state
  }
}
