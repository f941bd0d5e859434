internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The instances that systemd runs now.
package struct InstanceUnits: Sendable {
  /// How long systemd may take to answer, in seconds.
  static let timeLimit = 5.0

  /// The releases that have an instance that runs, starts or stops; nil if systemd could not be asked.
  package let running: Set<ReleaseID>?

  /// Asks systemd.
  ///
  /// - Parameters:
  ///   - layout: where the instances are.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  package init(_ layout: InstanceLayout, _ caller: CallerEnvironment) {
    running = try? Self.releases(layout, caller)
  }

  private static func releases(
    _ layout: InstanceLayout, _ caller: CallerEnvironment
  ) throws(SystemError) -> Set<ReleaseID>? {
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
    var releases: Set<ReleaseID> = []
    for line in result.output.split(separator: UInt8(ascii: "\n")) {
      // Unit, load state, active state, substate, description.
      let words = line.split(separator: UInt8(ascii: " ")).prefix(3).map { printable($0) }
      guard words.count == 3, let id = layout.release(ofUnit: words[0]),
        ["active", "activating", "reloading", "deactivating"].contains(words[2])
      else { continue }
      releases.insert(id)
    }
    return releases
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
