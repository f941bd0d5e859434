package import Linux
internal import ReleaseModel
internal import Text

/// A unit of the host's systemd, which is queried with systemctl(1).
package struct SystemdUnit: Sendable {
  /// The result of a query.
  package enum Answer: Sendable {
    /// The properties by their names; systemd leaves out those that it does not know.
    case properties([String: String])
    /// Why systemd could not be queried, in one line.
    case unknown(String)
  }

  private static let tool = "systemctl"

  let name: String

  /// - Parameter name: the name of the unit, with or without `.service`.
  package init(name: String) {
    self.name = name
  }

  /// Queries properties of the unit; see systemctl(1).
  ///
  /// - Parameters:
  ///   - names: the names of the properties.
  ///   - caller: what systemctl gets from the caller.
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second.
  /// - Returns: the properties, or why they could not be queried.
  /// - Throws: `SystemError` when systemctl can't be started or its output can't be read.
  package func properties(
    _ names: [String], _ caller: CallerEnvironment, within seconds: Double, stop: () -> Bool
  ) throws(SystemError) -> Answer {
    try Self.properties(names, of: [name], caller, within: seconds, stop: stop)[0]
  }

  /// Queries properties of several units with one call of systemctl(1).
  ///
  /// - Parameters:
  ///   - names: the names of the properties.
  ///   - units: the names of the units; at least one.
  ///   - caller: what systemctl gets from the caller.
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second.
  /// - Returns: the properties of each unit, or why they could not be queried.
  /// - Throws: `SystemError` when systemctl can't be started or its output can't be read.
  static func properties(
    _ names: [String], of units: [String], _ caller: CallerEnvironment, within seconds: Double,
    stop: () -> Bool
  ) throws(SystemError) -> [Answer] {
    func unknown(_ reason: String) -> [Answer] {
      units.map { .unknown("can't find out where \($0) runs: \(reason)") }
    }
    guard let program = HostProgram.find(tool, in: caller.programDirectories) else {
      return unknown("this host has no \(tool)")
    }
    let nothing = try Descriptor.open("/dev/null")
    let options = names.flatMap { ["-p", $0] }
    let result = try CapturedProcess(
      program,
      [tool] + caller.systemctlOptions + ["--no-pager", "show"] + options + ["--"] + units,
      environment: caller.systemctlEnvironment, input: nothing
    ).result(within: seconds, stop: stop)
    switch result.ending {
    case .exited(0)?:
      let blocks = blocks(result.output)
      guard blocks.count == units.count else {
        return unknown("\(tool) reports \(blocks.count) of \(units.count) units")
      }
      return blocks.map { .properties($0) }
    case nil: return unknown("\(tool) did not end within \(elapsed(seconds))")
    case .exited?, .signaled?:
      let message = result.errors.split(separator: UInt8(ascii: "\n")).first.map { printable($0) }
      return unknown(message ?? "\(tool) failed")
    }
  }

  /// Parses the output of systemctl: a line for each property, and an empty line between two units.
  private static func blocks(_ output: [UInt8]) -> [[String: String]] {
    var blocks: [[String: String]] = [[:]]
    let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for line in lines {
      if line.isEmpty {
        if blocks.last?.isEmpty == false { blocks.append([:]) }
        continue
      }
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      blocks[blocks.count - 1][printable(line[..<equals])] = printable(line[(equals + 1)...])
    }
    if blocks.count > 1, blocks.last?.isEmpty == true { blocks.removeLast() }
    return blocks
  }
}

extension ServiceState {
  /// The names of the properties that ``take(_:)`` reads.
  static let properties = [
    "LoadState", "ActiveState", "SubState", "Result", "MainPID", "Job", "Type", "RemainAfterExit",
  ]

  /// Sets the state from properties.
  mutating func take(_ properties: [String: String]) {
    func value(_ name: String) -> String? {
      properties[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    activeState = value("ActiveState")
    subState = value("SubState")
    result = value("Result")
    isKnown = value("LoadState") != "not-found"
    hasJob = UnitObservation.hasJob(properties)
    isOneshot =
      activeState == "inactive" && result == "success" && value("Type") == "oneshot"
      && value("RemainAfterExit") == "no"
    mainPID = value("MainPID").flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    if activeState == nil {
      note = "can't find out where \(unit) runs: systemctl does not report its state"
    }
  }
}
