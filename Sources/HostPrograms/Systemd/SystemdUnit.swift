package import Linux
internal import ReleaseModel
internal import Text

/// A unit of the host's systemd, see systemctl(1).
package struct SystemdUnit: Sendable {
  /// What systemd said.
  package enum Answer: Sendable {
    case properties([String: String])
    /// Why systemd could not be asked, in one line.
    case unknown(String)
  }

  private static let tool = "systemctl"

  let name: String

  package init(name: String) {
    self.name = name
  }

  /// Asks systemd for properties of the unit, see systemctl(1).
  ///
  /// - Parameters:
  ///   - names: the names of the properties.
  ///   - seconds: how long it may take.
  ///   - stop: asked some ten times a second.
  /// - Throws: `SystemError` when systemctl can't be started or its output can't be read.
  package func properties(
    _ names: [String], _ caller: CallerEnvironment, within seconds: Double, stop: () -> Bool
  ) throws(SystemError) -> Answer {
    guard let program = HostProgram.find(Self.tool, in: caller.programDirectories) else {
      return .unknown("can't see where \(name) runs: this host has no \(Self.tool)")
    }
    let nothing = try Descriptor.open("/dev/null")
    let words = names.flatMap { ["-p", $0] }
    let result = try CapturedProcess(
      program, [Self.tool, "--no-pager", "show"] + words + ["--", name],
      environment: HostProgram.environment, input: nothing
    ).result(within: seconds, stop: stop)
    switch result.ending {
    case .exited(0)?: return .properties(pairs(result.output))
    case nil:
      return .unknown(
        "can't see where \(name) runs: \(Self.tool) did not end within \(elapsed(seconds))")
    case .exited?, .signaled?:
      let said = result.errors.split(separator: UInt8(ascii: "\n")).first.map { printable($0) }
      return .unknown("can't see where \(name) runs: \(said ?? "\(Self.tool) failed")")
    }
  }

  private func pairs(_ output: [UInt8]) -> [String: String] {
    var pairs: [String: String] = [:]
    for line in output.split(separator: UInt8(ascii: "\n")) {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      pairs[printable(line[..<equals])] = printable(line[(equals + 1)...])
    }
    return pairs
  }
}

extension ServiceState {
  /// The properties to ask systemd for.
  static let properties = ["LoadState", "ActiveState", "SubState", "Result", "MainPID"]

  /// Takes over what systemd says.
  mutating func take(_ properties: [String: String]) {
    func value(_ name: String) -> String? {
      properties[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    activeState = value("ActiveState")
    subState = value("SubState")
    result = value("Result")
    isKnown = value("LoadState") != "not-found"
    mainPID = value("MainPID").flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    if activeState == nil { note = "can't see where \(unit) runs: systemctl does not tell" }
  }
}
