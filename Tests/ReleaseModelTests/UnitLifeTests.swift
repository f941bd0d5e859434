import ReleaseModel
import Testing

/// What is noticed of a unit after a hook, with times in seconds.
@Suite struct UnitLifeTests {
  private static func unit(
    _ state: String, _ sub: String = "", changed: UInt64 = 0, began: UInt64 = 0,
    started: UInt64 = 0, exited: UInt64 = 0, restarts: Int = 0, job: Bool = false,
    finished: Bool = false
  ) -> UnitObservation {
    UnitObservation(
      activeState: state, subState: sub, changed: changed * 1_000_000, began: began * 1_000_000,
      started: started * 1_000_000, exited: exited * 1_000_000, restarts: restarts, hasJob: job,
      hasFinished: finished)
  }

  /// The old process runs since second 10.
  private static let running = unit("active", "running", changed: 10, began: 10, started: 10)

  /// Returns the first ending. Each observation is made in the second when the unit changed.
  private func ending(
    before: UnitObservation? = running, allowed: Int = 0, _ observations: [UnitObservation]
  ) -> UnitLife.Ending? {
    var life = UnitLife(before: before, allowed: allowed)
    return observations.lazy.compactMap { life.observe($0, at: $0.changed) }.first
  }

  @Test func `a unit that failed after a start is noticed at once`() {
    let failed = Self.unit(
      "failed", "failed", changed: 22, began: 21, started: 21, exited: 22)
    #expect(ending([failed]) == .failed)
    let start = Self.unit("failed", "failed", changed: 22, began: 21, started: 10, exited: 20)
    #expect(ending([start]) == .failed, "a command before the main process failed")
  }

  @Test func `a unit that was failed before the hook is not failed by it`() {
    let old = Self.unit("failed", "failed", changed: 15, began: 10, started: 10, exited: 15)
    #expect(ending(before: old, [old, old]) == nil)
    let queued = Self.unit(
      "failed", "failed", changed: 20, began: 20, started: 10, exited: 15, job: true)
    #expect(ending(before: old, [queued]) == nil, "its start is queued")
  }

  /// A script that runs in the background stops the unit and starts it again, as Java ends with 143.
  @Test func `a unit that was stopped with a failure may be started for a moment`() {
    let stopped = Self.unit("failed", "failed", changed: 20, began: 10, started: 10, exited: 20)
    let started = Self.unit("active", "running", changed: 21, began: 21, started: 21, exited: 20)
    #expect(ending([stopped, started]) == nil)
    var life = UnitLife(before: Self.running, allowed: 0)
    #expect(life.observe(stopped, at: 21_400_000) == nil)
    #expect(life.observe(stopped, at: 21_600_000) == .failed)
  }

  @Test func `a main process that was started after the hook and has ended is a death`() {
    let dead = Self.unit(
      "activating", "auto-restart", changed: 22, began: 21, started: 21, exited: 22)
    #expect(ending([dead]) == .died(times: 1))
    let ended = Self.unit("inactive", "dead", changed: 22, began: 21, started: 21, exited: 22)
    #expect(ending([ended]) == .died(times: 1))
  }

  /// systemd forgets an inactive unit that is not enabled.
  @Test func `a main process that was seen and is forgotten is a death`() {
    let running = Self.unit("active", "running", changed: 21, began: 21, started: 21)
    let forgotten = Self.unit("inactive", "dead")
    #expect(ending([running, forgotten]) == .died(times: 1))
    #expect(ending(allowed: 1, [running, forgotten, forgotten, running]) == nil)
    #expect(ending([forgotten, forgotten, running]) == nil, "its start is delayed")
    #expect(ending([running, Self.unit("inactive", "dead", finished: true)]) == nil)
    #expect(ending([running, Self.unit("inactive", "dead", job: true)]) == nil)
  }

  @Test func `deaths are tolerated up to the number of restarts`() {
    func dead(_ number: UInt64) -> UnitObservation {
      Self.unit(
        "activating", "auto-restart", changed: 22 + number, began: 21 + number,
        started: 21 + number, exited: 22 + number, restarts: Int(number))
    }
    #expect(ending(allowed: 2, [dead(0), dead(0), dead(1), dead(1)]) == nil)
    #expect(ending(allowed: 2, [dead(0), dead(1), dead(2)]) == .died(times: 3))
  }

  @Test func `deaths between two looks are counted by the restarts`() {
    let first = Self.unit("active", "running", changed: 21, began: 21, started: 21)
    let later = Self.unit("active", "running", changed: 25, began: 25, started: 25, restarts: 3)
    #expect(ending(allowed: 2, [first, later]) == .died(times: 3))
    #expect(ending(allowed: 3, [first, later]) == nil)
  }

  @Test func `a first look at a restarted process counts all deaths but that of the old one`() {
    let later = Self.unit("active", "running", changed: 25, began: 25, started: 25, restarts: 2)
    #expect(ending([later]) == .died(times: 1))
    let restart = Self.unit("active", "running", changed: 21, began: 21, started: 21, restarts: 1)
    #expect(ending([restart]) == nil, "systemd restarted the old process")
  }

  @Test func `an explicit start counts the deaths anew`() {
    var old = Self.running
    old.restarts = 2
    func process(_ restarts: Int, _ second: UInt64) -> UnitObservation {
      Self.unit(
        "active", "running", changed: second, began: second, started: second,
        restarts: restarts)
    }
    #expect(ending(before: old, allowed: 1, [process(0, 21)]) == nil)
    #expect(ending(before: old, allowed: 1, [process(1, 25)]) == nil)
    #expect(ending(before: old, allowed: 0, [process(1, 25)]) == .died(times: 1))
    #expect(ending(before: old, allowed: 1, [process(2, 25)]) == .died(times: 2))
    #expect(
      ending(before: old, allowed: 1, [old, process(2, 25)]) == .died(times: 2),
      "the start was queued")
    #expect(ending(before: old, allowed: 1, [process(3, 25)]) == nil, "systemd restarted it once")
  }

  @Test func `a second explicit start counts the deaths of both`() {
    let first = Self.unit(
      "active", "running", changed: 25, began: 25, started: 25, restarts: 1)
    let second = Self.unit(
      "active", "running", changed: 31, began: 31, started: 31, restarts: 1)
    #expect(ending(allowed: 0, [first]) == nil)
    #expect(ending(allowed: 0, [first, second]) == .died(times: 1))
  }

  /// systemd keeps its counter if a unit is started while it waits for its restart.
  @Test func `a start during the pause before a restart counts no death of the old release`() {
    let old = Self.unit(
      "activating", "auto-restart", changed: 15, began: 10, started: 10, exited: 15, restarts: 5)
    let new = Self.unit(
      "active", "running", changed: 21, began: 21, started: 21, exited: 15, restarts: 5)
    let dead = Self.unit(
      "activating", "auto-restart", changed: 22, began: 21, started: 21, exited: 22, restarts: 5)
    #expect(ending(before: old, [new, new]) == nil)
    #expect(ending(before: old, [new, dead]) == .died(times: 1))
  }

  @Test func `the stop of the process that ran before the hook is no death`() {
    let stopping = Self.unit("deactivating", "stop-sigterm", changed: 20, began: 10, started: 10)
    let stopped = Self.unit("inactive", "dead", changed: 21, began: 10, started: 10, exited: 21)
    let running = Self.unit("active", "running", changed: 22, began: 22, started: 22, exited: 21)
    #expect(ending([stopping, stopped, running, running]) == nil)
  }

  @Test func `a process that is stopped for a queued restart is no death`() {
    let running = Self.unit("active", "running", changed: 21, began: 21, started: 21)
    let stopped = Self.unit(
      "deactivating", "stop-post", changed: 22, began: 21, started: 21, exited: 22, job: true)
    let again = Self.unit("active", "running", changed: 23, began: 23, started: 23, exited: 22)
    #expect(ending([running, stopped, again]) == nil)
  }

  /// `docker compose up -d` in a oneshot unit.
  @Test func `a unit that is active without a process has done its work`() {
    let done = Self.unit("active", "exited", changed: 22, began: 21, started: 21, exited: 22)
    #expect(ending([done, done]) == nil)
  }

  @Test func `a program that has finished its work is no death`() {
    var done = Self.unit(
      "inactive", "dead", changed: 22, began: 21, started: 21, exited: 22, finished: true)
    #expect(ending([done, done]) == nil)
    done.hasFinished = false
    #expect(ending([done]) == .died(times: 1))
  }

  @Test func `a slow start is no death`() {
    let slow = Self.unit("activating", "start", changed: 21, began: 21, started: 21, job: true)
    #expect(ending([slow, slow, slow]) == nil)
  }

  @Test func `without an observation before the hook the first one takes its place`() {
    let dead = Self.unit("failed", "failed", changed: 22, began: 21, started: 21, exited: 22)
    #expect(ending(before: nil, [dead, dead]) == nil)
    let again = Self.unit("failed", "failed", changed: 32, began: 31, started: 31, exited: 32)
    #expect(ending(before: nil, [dead, again]) == .failed)
  }
}
