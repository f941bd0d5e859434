internal import CLinux
internal import Glibc

/// Takes away from this process all that unpacking an archive does not need, so that one that takes
/// over the decoder has gained nothing.
package enum Sandbox {
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

  /// A sandbox layer that this host does not have or does not permit.
  package struct MissingLayer: Hashable, Sendable {
    package let layer: Layer
    /// The call that failed, with the system's error message.
    package let reason: String

    package init(_ layer: Layer, reason: String) {
      self.layer = layer
      self.reason = reason
    }
  }

  /// The sandbox of a process.
  package struct State: Hashable, Sendable {
    /// The layers that hold.
    package var layers: [Layer] = []
    /// The layers that could not be entered, with the reasons.
    package var missing: [MissingLayer] = []

    package init() {}
  }

  /// Enters all sandbox layers that the host permits, for good. Call it before the first thread is
  /// started.
  ///
  /// A layer that the kernel lacks, or that a container or a systemd unit blocks, is no error: it
  /// is listed as missing, and the other layers don't depend on it. Any other failure, such as a
  /// lack of memory, is an error. So is a failure to drop root's capabilities.
  ///
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
        case .noNewPrivileges: try attempt("prctl") { clinux_no_new_privileges() }
        case .noCapabilities: try attempt("capset") { clinux_drop_capabilities() }
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
