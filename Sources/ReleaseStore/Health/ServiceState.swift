internal import Linux

/// What systemd says of a unit, and which release its main process runs in.
package struct ServiceState: Sendable {
  package let unit: String
  /// Such as "active" or "failed", see systemctl(1); nil where systemd could not be asked.
  package internal(set) var activeState: String?
  /// Such as "running" or "exited".
  package internal(set) var subState: String?
  /// How it ended last, such as "success" or "exit-code".
  package internal(set) var result: String?
  /// systemd knows a unit of that name.
  package internal(set) var isKnown = true
  /// Nil when there is none.
  package internal(set) var mainPID: Int32?
  /// The release the main process has its working directory in; nil when in none, or not seen.
  package internal(set) var runs: ReleaseID?
  /// The working directory of the main process, for messages; nil when not seen.
  package internal(set) var path: String?
  /// What could not be looked at, and why, in one line; nil when all was.
  package internal(set) var note: String?

  init(unit: String) { self.unit = unit }

  /// Why the unit does not run a release, in one line; nil when it does, as far as could be seen.
  package func problem(for id: ReleaseID) -> String? {
    guard let activeState else { return nil }
    if !isKnown { return "systemd knows no unit \(unit)" }
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

extension Store {
  /// Asks the host's systemd, for at most ten seconds.
  package func serviceState(_ unit: String, _ environment: Environment) -> ServiceState {
    serviceState(unit, environment, within: 10) { false }
  }

  func serviceState(
    _ unit: String, _ environment: Environment, within seconds: Double, stop: () -> Bool
  ) -> ServiceState {
    var state = ServiceState(unit: unit)
    do throws(SystemError) {
      let answer = try SystemdUnit(name: unit).properties(
        ServiceState.properties, environment, within: seconds, stop: stop)
      switch answer {
      case .unknown(let why): state.note = why
      case .told(let properties):
        state.take(properties)
        try look(where: &state)
      }
    } catch {
      state.note = "can't see where \(unit) runs: \(error)"
    }
    return state
  }

  private func look(where state: inout ServiceState) throws(SystemError) {
    guard let pid = state.mainPID else {
      if state.subState == "exited" { state.note = "\(state.unit) runs nothing any more (exited)" }
      return
    }
    do throws(SystemError) {
      let directory = try ProcessFacts.workingDirectory(of: pid)
      state.path = directory.path ?? "a directory whose name is not UTF-8"
      state.runs = try release(holding: directory)
    } catch let error where error.errno.isRefusal {
      state.note = "can't see where \(state.unit) runs: process \(pid) belongs to another user"
    } catch let error where error.errno == .noEntry || error.errno == .noProcess {
      guard ProcessFacts.isHidden(pid) else { return state.mainPID = nil }
      state.note =
        "can't see where \(state.unit) runs: process \(pid) of another user is hidden (hidepid)"
    }
  }

  /// The release a directory is or lies in, whatever path leads there.
  private func release(holding directory: borrowing Descriptor) throws(SystemError) -> ReleaseID? {
    var releases: [FileIdentity: ReleaseID] = [:]
    for entry in try self.releases.entries() where entry.isExact {
      guard let id = ReleaseID(entry.name), let status = try? self.releases.status(of: entry.name)
      else { continue }
      releases[status.identity] = id
    }
    for status in try directory.ancestry() {
      if let id = releases[status.identity] { return id }
    }
    return nil
  }
}
