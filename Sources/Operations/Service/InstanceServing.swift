internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

// Which instance the front connects to, and how recovery makes it the right one.

extension ReleaseInstances {
  /// How long recovery waits until an instance listens, in seconds.
  private static let listenTime = 15.0

  /// Makes the front connect to the instance of a release, for recovery.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - starts: whether to start the instance.
  ///   - isBoot: whether systemd still starts the host, so that a start is only queued: the units are
  ///     ordered after this process.
  /// - Returns: what was done.
  /// - Throws: an error when the link can't be replaced, or the instance can't be started.
  func serve(_ id: ReleaseID, starts: Bool, isBoot: Bool) throws(ReleasesError) -> Serving {
    let socket = layout.socket(of: id)
    let wasListening = LocalSocket.accepts(socket)
    if !starts && !wasListening { return .nothing }
    let wasServed = (try? live.release()) == id
    // The instance must start even if the link can't be made.
    let problem = wasServed ? nil : live.problem()
    let runs = listens(id)
    if starts, !runs {
      // Nothing serves, so a full disk must not prevent the start.
      try? store.recordStart(at: layout, environment)
      _ = control.run(.resetFailed, layout.units(of: id), within: 5, stop: { nil })
      let failure = control.run(
        .start, layout.units(of: id), waits: !isBoot, within: 60, stop: { nil })
      if failure == nil, !isBoot { waitUntilListening(at: socket) }
      if problem == nil, LocalSocket.accepts(socket) || !isServed() { try live.point(to: id) }
      if let failure {
        if isBoot, failure.cause == .permission, let start = BootStart(layout, caller),
          start.isEnabled
        {
          return .left(to: start.unit)
        }
        throw ReleasesError(.failed, "can't start the instance of \(id)", cause: failure.message)
      }
      if !isBoot, !LocalSocket.accepts(socket) {
        if let denial = SocketDenial(of: socket) {
          throw denial.error(unit: "\(layout.templates[0]).service")
        }
        throw ReleasesError(.failed, "no process listens at \(path: socket)")
      }
    } else if problem == nil {
      try live.point(to: id)
    }
    if let problem { throw problem }
    if wasListening, runs || !starts { return wasServed ? .nothing : .linked }
    return isBoot ? .queued : .started
  }

  /// Whether the front can connect to any instance now. The link then stays, rather than point to one
  /// that does not listen.
  private func isServed() -> Bool {
    LocalSocket.accepts(layout.live) || LocalSocket.isDenied(layout.live)
  }

  /// Whether the units of a release's instance are active, and a process listens at its socket.
  func listens(_ id: ReleaseID) -> Bool {
    LocalSocket.accepts(layout.socket(of: id)) && isActive(layout.units(of: id))
  }

  /// Whether all units are active; true, too, if systemd can't be asked.
  private func isActive(_ units: [String]) -> Bool {
    InstanceUnits.states(of: units, caller)?.allSatisfy { $0 == "active" } ?? true
  }

  /// Whether the front connects to the instance of a release.
  func isServing(_ id: ReleaseID) -> Bool {
    isServed() && (try? live.release()) == id
  }

  /// What ``serve(_:starts:isBoot:)`` did.
  enum Serving: Sendable {
    /// The instance served already, or does not listen and was not to be started.
    case nothing
    /// The link was pointed to the instance, which ran already.
    case linked
    /// The instance was started.
    case started
    /// The start of the instance was queued.
    case queued
    /// A unit with this name starts the instance after this process.
    case left(to: String)
  }

  private func waitUntilListening(at socket: String) {
    let end = Clock.monotonicSeconds() + Self.listenTime
    while !LocalSocket.accepts(socket), Clock.monotonicSeconds() < end {
      Clock.sleep(seconds: 0.05)
    }
  }
}
