package import Linux
package import ReleaseModel
internal import StoreSupport
package import Text

/// The state of a systemd unit, and the release that its main process runs in.
package struct ServiceState: Sendable {
  /// The unit's name in the configuration.
  package let unit: String
  /// The active state, such as "active" or "failed"; see systemctl(1); nil if systemd could not be
  /// queried.
  package internal(set) var activeState: String?
  /// The substate, such as "running" or "exited"; see systemctl(1).
  package internal(set) var subState: String?
  /// How the last run ended, such as "success" or "exit-code".
  package internal(set) var result: String?
  /// Whether systemd knows a unit of that name.
  package internal(set) var isKnown = true
  /// The process ID of the main process; nil when there is none.
  package internal(set) var mainPID: Int32?
  /// Whether a job is queued or running for the unit.
  var hasJob = false
  /// Whether the unit is inactive because its program only starts something and ends, as
  /// `docker compose up -d` in a unit with `Type=oneshot`. systemd soon forgets that it has run.
  var isOneshot = false
  /// The main process; nil when there is none or it could not be inspected.
  package internal(set) var process: ReleaseProcess?
  /// The release that the working directory of the main process is in, or else its executable; nil
  /// when both are in no release or could not be read.
  package internal(set) var runs: ReleaseID?
  /// What could not be determined, and why, in one line; nil when everything was.
  package internal(set) var note: Message?

  init(unit: String) { self.unit = unit }

  /// Returns why the unit does not run a release, in one line; nil when it does, or when that can't
  /// be determined, as for a container.
  package func problem(for id: ReleaseID) -> Message? {
    guard let activeState else { return nil }
    if !isKnown { return "systemd does not know the unit \(unit)" }
    if isOneshot { return nil }
    switch activeState {
    case "active", "reloading": break
    case "failed": return "\(unit) failed\(result.map { " (\($0))" } ?? "")"
    default: return "\(unit) is \(activeState)\(subState.map { " (\($0))" } ?? "")"
    }
    guard let mainPID else { return note == nil ? "\(unit) has no main process" : nil }
    guard let process, !process.releases.contains(id), let runs else { return nil }
    return "\(unit)'s main process \(mainPID) still runs in \(path: Layout.linkText(runs))"
  }
}

extension ServiceState {
  /// Queries the state of a unit, for at most ten seconds.
  ///
  /// - Parameters:
  ///   - unit: the unit's name in the configuration.
  ///   - releases: the directory of the releases, to find the one that the unit runs.
  ///   - caller: what systemctl gets from the caller.
  package init(of unit: String, releases: borrowing Descriptor, _ caller: CallerEnvironment) {
    self.init(of: unit, releases: releases, caller, within: 10) { false }
  }

  init(
    of unit: String, releases: borrowing Descriptor, _ caller: CallerEnvironment,
    within seconds: Double, stop: () -> Bool
  ) {
    self = Self.all([unit], releases: releases, caller, within: seconds, stop: stop)[0]
  }

  /// Queries the states of several units, for at most ten seconds.
  ///
  /// - Parameters:
  ///   - units: the units' names in the configuration.
  ///   - releases: the directory of the releases, to find those that the units run.
  ///   - caller: what systemctl gets from the caller.
  /// - Returns: the state of each unit, in the same order.
  package static func all(
    _ units: [String], releases: borrowing Descriptor, _ caller: CallerEnvironment
  ) -> [ServiceState] {
    all(units, releases: releases, caller, within: 10) { false }
  }

  static func all(
    _ units: [String], releases: borrowing Descriptor, _ caller: CallerEnvironment,
    within seconds: Double, stop: () -> Bool
  ) -> [ServiceState] {
    if units.isEmpty { return [] }
    var states = units.map { ServiceState(unit: $0) }
    do throws(SystemError) {
      let answers = try SystemdUnit.properties(
        properties, of: units, caller, within: seconds, stop: stop)
      let finder = try ReleaseFinder(releases)
      for (index, answer) in answers.enumerated() {
        switch answer {
        case .unknown(let reason): states[index].note = Message(reason)
        case .properties(let properties):
          states[index].take(properties)
          states[index].findMainProcess(finder, in: releases)
        }
      }
    } catch {
      for index in states.indices {
        states[index].note = "can't find out where \(states[index].unit) runs: \(Message(error))"
      }
    }
    return states
  }

  private mutating func findMainProcess(
    _ finder: ReleaseFinder, in releases: borrowing Descriptor
  ) {
    guard let pid = mainPID else {
      if subState == "exited" { note = "\(unit) has exited, so it runs no process" }
      if isOneshot { note = "\(unit) is inactive and has Type=oneshot, so it runs no process" }
      return
    }
    do throws(SystemError) {
      let place = try finder.place(of: pid, in: releases)
      process = place.process
      runs = place.release
      if runs == nil {
        note = "\(unit)'s main process \(pid) runs in \(path: place.path), which is in no release"
      }
    } catch let error where error.errno.isRefusal {
      note = "can't find out where \(unit) runs: process \(pid) belongs to another user"
    } catch let error where error.errno == .noEntry || error.errno == .noProcess {
      guard ProcessFacts.isHidden(pid) else { return mainPID = nil }
      note = "can't find out where \(unit) runs: process \(pid) of another user is hidden (hidepid)"
    } catch {
      note = "can't find out where \(unit) runs: \(Message(error))"
    }
  }
}
