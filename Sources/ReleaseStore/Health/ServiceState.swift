internal import Linux

/// What systemd says of the service, and where its main process runs.
package struct ServiceState: Sendable {
  package let unit: String
  /// Such as `active` or `failed`, see systemctl(1); nil where nobody can tell.
  package var activeState: String?
  /// Such as `running` or `auto-restart`.
  package var subState: String?
  /// Why it is in that state, such as `exit-code`.
  package var result: String?
  package var mainPID: Int32?
  /// The release that the main process has its working directory in.
  package var runs: ReleaseID?
  /// That directory, where it is in no release.
  package var directory: String?
  /// Why something could not be seen, for people.
  package var note: String?

  /// Why the service does not run this release; nil when it does, or when nobody can tell.
  package func problem(expecting id: ReleaseID) -> String? {
    guard let activeState else { return nil }
    guard activeState == "active" else {
      let why = [result, subState].compactMap { $0 }.first { $0 != "success" && $0 != activeState }
      return "\(unit) is \(activeState)\(why.map { " (\($0))" } ?? "")"
    }
    guard let mainPID else { return note == nil ? "\(unit) has no main process" : nil }
    guard let runs, runs != id else { return nil }
    return "\(unit)'s main process \(mainPID) still runs in \(Layout.releases)/\(runs)"
  }
}

extension Store {
  private static let patience = 5.0
  private static let tool = "systemctl"

  /// Asks the host's systemctl(1). What can't be seen is a note, not a problem.
  package func serviceState(_ unit: String, _ environment: Environment) -> ServiceState {
    var state = ServiceState(unit: unit)
    guard let tool = HostProgram.find(Self.tool, in: environment.programs) else {
      state.note = "this host has no \(Self.tool)"
      return state
    }
    let words = [
      "systemctl", "show", "--property", "LoadState,ActiveState,SubState,Result,MainPID", "--",
      unit,
    ]
    let process = WatchedProcess(
      tool, words, environment: ["PATH": HostProgram.searchPath], timeLimit: Self.patience)
    var output: [UInt8] = []
    let ending = try? process.run(shouldStop: { false }) { output += $0.prefix(64 << 10) }
    guard case .ended(.exited(0)) = ending else {
      let words = output.split(separator: UInt8(ascii: "\n")).last.map { ": \(legible($0))" } ?? ""
      state.note = "\(Self.tool) does not tell\(words)"
      return state
    }
    read(output, into: &state)
    if let pid = state.mainPID { lookAtProcess(pid, &state) }
    return state
  }

  private func read(_ output: [UInt8], into state: inout ServiceState) {
    var values: [String: String] = [:]
    for line in output.split(separator: UInt8(ascii: "\n")) {
      let text = legible(line)
      guard let equals = text.firstIndex(of: "=") else { continue }
      values[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    if values["LoadState"] == "not-found" {
      state.activeState = "not known to systemd"
      return
    }
    state.activeState = values["ActiveState"]
    state.subState = values["SubState"]
    state.result = values["Result"]
    state.mainPID = values["MainPID"].flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// By what the directories are, not by their names: a bind mount is the same release.
  private func lookAtProcess(_ pid: Int32, _ state: inout ServiceState) {
    do throws(SystemError) {
      let here = "/proc/\(pid)/cwd"
      state.runs = try release(holding: try Descriptor.openDirectory(here))
      if state.runs == nil { state.directory = try Descriptor.openDirectory(here).path }
    } catch let error where error.errno == .noEntry {
      state.mainPID = nil
      state.note = "process \(pid) has just ended"
    } catch {
      state.note = "where process \(pid) runs is not for this user to see; try it with sudo"
    }
  }

  private func release(
    holding directory: consuming Descriptor
  ) throws(SystemError) -> ReleaseID? {
    var all: [(id: ReleaseID, status: FileStatus)] = []
    for entry in try releases.entries() {
      guard let id = ReleaseID(entry.name),
        let status = try releases.statusIfPresent(of: entry.name), status.kind == .directory
      else { continue }
      all.append((id, status))
    }
    var here = directory
    while true {
      let status = try here.status()
      if let found = all.first(where: { $0.status.isSameFile(as: status) }) { return found.id }
      let above = try here.openDirectory("..")
      if try above.status().isSameFile(as: status) { return nil }
      here = above
    }
  }
}
