internal import HostPrograms
internal import ReleaseModel

/// The unit that starts the live instance at boot, where the store's owner may start instances only with
/// sudo(8). Recovery at boot runs without the rights that sudo needs. Root installs the unit, and it names
/// the templates that it starts.
struct BootStart {
  /// How long systemd may take to answer, in seconds.
  private static let timeLimit = 5.0

  /// The name of the unit.
  let unit: String
  private let caller: CallerEnvironment

  /// - Parameters:
  ///   - layout: where the instances are. Nil if they belong to the owner's systemd, which needs no rights.
  ///   - caller: what systemctl gets from the caller, and which systemd runs the units.
  init?(_ layout: InstanceLayout, _ caller: CallerEnvironment) {
    guard layout.manager == .system, let unit = layout.startUnit else { return nil }
    self.unit = unit
    self.caller = caller
  }

  /// Whether systemd starts the unit at boot; false, too, if systemd can't be asked.
  var isEnabled: Bool {
    guard
      case .properties(let properties)? = try? SystemdUnit(name: unit).properties(
        ["UnitFileState"], caller, within: Self.timeLimit, stop: { false })
    else { return false }
    return properties["UnitFileState"]?.hasPrefix("enabled") ?? false
  }
}
