internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The instances that systemd runs now.
package struct InstanceUnits: Sendable {
  /// How long systemd may take to answer, in seconds.
  static let timeLimit = 5.0

  /// A unit of an instance that systemd has loaded.
  package struct Unit: Sendable {
    package let name: String
    package let id: ReleaseID
    /// The active state, such as "active"; see systemctl(1).
    package let activeState: String
    package let subState: String
  }

  /// The units that systemd has loaded: those that run, and those that failed; nil if systemd could not
  /// be asked.
  package let units: [Unit]?
  /// The active states of units that have processes, or will.
  private static let running: Set = ["active", "activating", "reloading", "deactivating"]

  /// The releases that have an instance that runs, starts or stops; nil if systemd could not be asked.
  package var running: Set<ReleaseID>? {
    units.map { units in Set(units.filter { Self.running.contains($0.activeState) }.map(\.id)) }
  }

  /// Asks systemd.
  ///
  /// - Parameters:
  ///   - layout: where the instances are.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  package init(_ layout: InstanceLayout, _ caller: CallerEnvironment) {
    units = (try? Self.units(layout, caller)).flatMap { $0 }
  }

  private static func units(
    _ layout: InstanceLayout, _ caller: CallerEnvironment
  ) throws(SystemError) -> [Unit]? {
    guard let program = HostProgram.find("systemctl", in: caller.programDirectories) else {
      return nil
    }
    let nothing = try Descriptor.open("/dev/null")
    let patterns = layout.templates.map { "\($0)*.service" }
    let result = try CapturedProcess(
      program,
      ["systemctl"] + caller.systemctlOptions
        + ["list-units", "--all", "--plain", "--no-legend", "--full", "--no-pager", "--"]
        + patterns,
      environment: caller.systemctlEnvironment, input: nothing
    ).result(within: timeLimit)
    guard case .exited(0)? = result.ending else { return nil }
    var units: [Unit] = []
    for line in result.output.split(separator: UInt8(ascii: "\n")) {
      // Unit, load state, active state, substate, description.
      let words = line.split(separator: UInt8(ascii: " ")).prefix(4).map { printable($0) }
      guard words.count == 4, let id = layout.release(ofUnit: words[0]) else { continue }
      units.append(Unit(name: words[0], id: id, activeState: words[2], subState: words[3]))
    }
    return units
  }

  /// Returns the active states of units, in the same order; nil if systemd can't be asked.
  ///
  /// - Parameters:
  ///   - units: the names of the units; at least one.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  /// - Returns: the states, such as "active"; see systemctl(1).
  package static func states(of units: [String], _ caller: CallerEnvironment) -> [String]? {
    values("ActiveState", of: units, caller)
  }

  /// Returns how often systemd has restarted units since they were started, in the same order; nil if
  /// systemd can't be asked.
  ///
  /// - Parameters:
  ///   - units: the names of the units; at least one.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  /// - Returns: the numbers.
  package static func restarts(of units: [String], _ caller: CallerEnvironment) -> [Int]? {
    values("NRestarts", of: units, caller)?.map { Int($0) ?? 0 }
  }

  private static func values(
    _ property: String, of units: [String], _ caller: CallerEnvironment
  ) -> [String]? {
    let answers = try? SystemdUnit.properties(
      [property], of: units, caller, within: timeLimit, stop: { false })
    guard let answers else { return nil }
    var values: [String] = []
    for answer in answers {
      guard case .properties(let properties) = answer, let value = properties[property] else {
        return nil
      }
      values.append(value)
    }
    return values
  }

  /// Finds out when a unit was started. The time does not depend on the clock of the host, which may be
  /// set.
  ///
  /// - Parameters:
  ///   - unit: the name of the unit.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the unit.
  /// - Returns: the time in microseconds of CLOCK_MONOTONIC, or nil if the unit does not run; nil
  ///   altogether if systemd can't be asked.
  package static func start(of unit: String, _ caller: CallerEnvironment) -> UInt64?? {
    guard
      case .properties(let properties)? = try? SystemdUnit(name: unit).properties(
        ["ActiveState", "InactiveExitTimestampMonotonic"], caller, within: timeLimit,
        stop: { false }),
      let state = properties["ActiveState"]
    else { return nil }
    guard running.contains(state) else { return .some(nil) }
    return properties["InactiveExitTimestampMonotonic"].map { UInt64($0) }
  }

  /// Returns how much memory the processes of units have allocated, in bytes; nil if that is unknown.
  ///
  /// - Parameters:
  ///   - units: the names of the units.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  /// - Returns: the number of bytes.
  package static func memory(of units: [String], _ caller: CallerEnvironment) -> Int64? {
    guard
      let answers = try? SystemdUnit.properties(
        ["ControlGroup"], of: units, caller, within: timeLimit, stop: { false })
    else { return nil }
    var total: Int64 = 0
    for case .properties(let properties) in answers {
      guard let group = properties["ControlGroup"], !group.isEmpty,
        let bytes = MemoryFacts.allocated(by: group)
      else { continue }
      total += bytes
    }
    return total > 0 ? total : nil
  }
}
