/// The instances that no longer get new connections. Each is stopped when its last connection has ended
/// or the time limit has passed. The journal records them until they are stopped, so that none is left
/// running when the process that waits is killed.
package struct InstanceDrains: Codable, Equatable, Sendable {
  /// One instance, and the process that waits and stops it. It waits in the boot of the journal entry:
  /// a reboot ends every instance.
  package struct Drain: Codable, Equatable, Sendable {
    package let id: ReleaseID
    package let pid: Int32
    /// The start time of the process, in clock ticks since boot; see proc(5).
    package let processStart: UInt64
    /// When the drain began, in microseconds of the clock that systemd uses (CLOCK_MONOTONIC); nil if the
    /// entry does not say so.
    package let since: UInt64?

    package init(_ id: ReleaseID, by actor: Actor, since: UInt64?) {
      self.id = id
      pid = actor.pid
      processStart = actor.processStart
      self.since = since
    }

    /// Whether a process waits for the drain and stops the instance.
    package func isBy(_ actor: Actor) -> Bool {
      pid == actor.pid && processStart == actor.processStart
    }

    /// Compares the instance that drains with the one that runs now, which may have been started since.
    ///
    /// - Parameter start: when the unit was started, in microseconds of CLOCK_MONOTONIC.
    /// - Returns: whether they are the same; true, too, if it is unknown when the drain began.
    package func isOfUnit(startedAt start: UInt64) -> Bool { since.map { start <= $0 } ?? true }
  }

  /// How many instances may drain at the same time; a switch stops the oldest one early. The journal has
  /// no space for more.
  package static let limit = 4

  package let layout: InstanceLayout
  /// The instances, oldest first; one or more.
  package var drains: [Drain]

  package init(layout: InstanceLayout, drains: [Drain]) {
    self.layout = layout
    self.drains = drains
  }
}
