package import Linux
package import ReleaseModel

/// The state of a systemd unit, and the release that its main process runs in.
package struct ServiceState: Sendable {
  /// The unit's name in the configuration.
  package let unit: String
  /// The active state, such as "active" or "failed", see systemctl(1); nil if systemd could not be
  /// queried.
  package internal(set) var activeState: String?
  /// The substate, such as "running" or "exited", see systemctl(1).
  package internal(set) var subState: String?
  /// How the last run ended, such as "success" or "exit-code".
  package internal(set) var result: String?
  /// Whether systemd knows a unit of that name.
  var isKnown = true
  /// The process ID of the main process; nil when there is none.
  package internal(set) var mainPID: Int32?
  /// The release that the working directory of the main process is in; nil when it is in no release
  /// or could not be read.
  package internal(set) var runs: ReleaseID?
  /// The working directory of the main process, for messages; nil when it could not be read.
  package internal(set) var path: String?
  /// What could not be determined, and why, in one line; nil when everything was.
  package internal(set) var note: String?

  init(unit: String) { self.unit = unit }

  /// Returns why the unit does not run a release, in one line; nil when it does, or when that can't
  /// be determined.
  package func problem(for id: ReleaseID) -> String? {
    guard let activeState else { return nil }
    if !isKnown { return "systemd does not know the unit \(unit)" }
    switch activeState {
    case "active", "reloading": break
    case "failed": return "\(unit) is failed" + (result.map { " (\($0))" } ?? "")
    default: return "\(unit) is \(activeState)" + (subState.map { " (\($0))" } ?? "")
    }
    guard let mainPID else { return note == nil ? "\(unit) has no main process" : nil }
    if runs == id || path == nil { return nil }
    if let runs {
      return "\(unit)'s main process \(mainPID) still runs in \(Layout.linkText(runs))"
    }
    return "\(unit)'s main process \(mainPID) runs in \(path ?? "another directory"),"
      + " not in \(Layout.linkText(id))"
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
    self.init(unit: unit)
    do throws(SystemError) {
      let answer = try SystemdUnit(name: unit).properties(
        ServiceState.properties, caller, within: seconds, stop: stop)
      switch answer {
      case .unknown(let reason): note = reason
      case .properties(let properties):
        take(properties)
        try findMainProcess(in: releases)
      }
    } catch {
      note = "can't find out where \(unit) runs: \(error)"
    }
  }

  private mutating func findMainProcess(in releases: borrowing Descriptor) throws(SystemError) {
    guard let pid = mainPID else {
      if subState == "exited" { note = "\(unit) has exited, so it runs no process" }
      return
    }
    do throws(SystemError) {
      let directory = try ProcessFacts.workingDirectory(of: pid)
      path = directory.path ?? "a directory whose name is not UTF-8"
      runs = try Self.release(containing: directory, in: releases)
    } catch let error where error.errno.isRefusal {
      note = "can't find out where \(unit) runs: process \(pid) belongs to another user"
    } catch let error where error.errno == .noEntry || error.errno == .noProcess {
      guard ProcessFacts.isHidden(pid) else { return mainPID = nil }
      note = "can't find out where \(unit) runs: process \(pid) of another user is hidden (hidepid)"
    }
  }

  /// Returns the release that contains a directory or is that directory, whatever its path; nil when
  /// there is none.
  private static func release(
    containing directory: borrowing Descriptor, in releases: borrowing Descriptor
  ) throws(SystemError) -> ReleaseID? {
    var known: [FileIdentity: ReleaseID] = [:]
    for entry in try releases.entries() where entry.isExact {
      guard let id = ReleaseID(entry.name), let status = try? releases.status(of: entry.name)
      else { continue }
      known[status.identity] = id
    }
    for status in try directory.ancestry() {
      if let id = known[status.identity] { return id }
    }
    return nil
  }
}
