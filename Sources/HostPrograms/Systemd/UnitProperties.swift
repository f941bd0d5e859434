internal import ReleaseModel
internal import Text

/// The properties of a unit and of its main process that show whether it runs; see systemctl(1).
struct UnitProperties: Sendable {
  /// The names of the properties.
  static let names = [
    "ActiveState", "SubState", "Result", "Type", "Job", "NRestarts",
    "StateChangeTimestampMonotonic",
    "InactiveExitTimestampMonotonic", "ExecMainPID", "ExecMainCode", "ExecMainStatus",
    "ExecMainStartTimestampMonotonic",
    "ExecMainExitTimestampMonotonic", "InvocationID",
  ]

  private let values: [String: String]
  let observation: UnitObservation

  /// - Parameter values: the properties by their names; nil is returned without an active state.
  init?(_ values: [String: String]) {
    guard let active = values["ActiveState"], !active.isEmpty else { return nil }
    func number(_ name: String) -> UInt64 { values[name].flatMap { UInt64($0) } ?? 0 }
    self.values = values
    observation = UnitObservation(
      activeState: active, subState: values["SubState"] ?? "",
      changed: number("StateChangeTimestampMonotonic"),
      began: number("InactiveExitTimestampMonotonic"),
      started: number("ExecMainStartTimestampMonotonic"),
      exited: number("ExecMainExitTimestampMonotonic"),
      restarts: Int(clamping: number("NRestarts")),
      hasJob: UnitObservation.hasJob(values),
      hasFinished: values["Type"] == "oneshot" && values["Result"] == "success")
  }

  /// The ID of the run of the unit; nil when it never ran.
  var invocation: String? { values["InvocationID"].flatMap { $0.isEmpty ? nil : $0 } }

  /// The ID of the main process that runs now; nil when none does.
  var runningMainPID: String? {
    guard observation.exited < observation.started else { return nil }
    return values["ExecMainPID"].flatMap { $0 == "0" ? nil : $0 }
  }

  /// Describes how the release in the unit has ended, in one line.
  func problem(_ ending: UnitLife.Ending, unit: String) -> Message {
    switch ending {
    case .failed:
      let result = values["Result"].flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
      return "\(unit) failed\(result)\(end.map { ": its main process \($0)" } ?? "")"
    case .died(1): return "\(unit)'s main process \(end ?? "has ended")"
    case .died(let times):
      let last = end.map { "; most recently, process \($0)" } ?? ""
      return "\(unit)'s main process died \(times) times\(last)"
    }
  }

  /// The last main process and how it ended; nil when it has not.
  private var end: String? {
    guard let pid = values["ExecMainPID"], pid != "0", let status = values["ExecMainStatus"],
      observation.exited >= observation.started, observation.exited != 0
    else { return nil }
    // The codes CLD_EXITED, CLD_KILLED and CLD_DUMPED.
    return switch values["ExecMainCode"] {
    case "1": "\(pid) exited with status \(status)"
    case "2", "3": "\(pid) was killed by signal \(status)"
    default: "\(pid) has ended"
    }
  }
}

extension UnitObservation {
  /// Whether systemctl reports a job of the unit.
  static func hasJob(_ properties: [String: String]) -> Bool {
    properties["Job"].map { !$0.isEmpty && $0 != "0" } ?? false
  }
}
