internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Check {
  /// How long systemd may take to answer, in seconds.
  private static var timeLimit: Double { 5 }

  /// Reports the units whose restart, which a rollback needs, systemd could refuse.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func startLimit(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    let units = (try? store.configuration())?.services ?? []
    if units.isEmpty { return [] }
    let ownership = try store.ownership()
    // Hooks run as the owner, so only the owner's permissions matter, and root needs none.
    guard ownership.owner != 0, ownership.isOfThisUser else { return [] }
    return units.compactMap { startLimit(of: $0, ownership.owner) }
  }

  private func startLimit(of unit: String, _ owner: UserID) -> Finding? {
    guard let limit = limit(of: unit), limit.couldRefuse,
      !StartLimitReset(unit: unit).isPermitted(environment.caller, stop: { nil })
    else { return nil }
    let line = SudoersLine(user: Account.of(owner)?.name, userID: owner, unit: unit)
    return finding(
      "start limit", .warning, Message(limit.warning(unit)),
      hint: .permission("let the store's owner reset the limit", line))
  }

  /// Returns the unit's start limit; nil if systemd is missing, fails, or does not know the unit.
  private func limit(of unit: String) -> StartLimit? {
    let names = ["LoadState"] + StartLimit.properties
    guard
      case .properties(let properties)? = try? SystemdUnit(name: unit).properties(
        names, environment.caller, within: Self.timeLimit, stop: { false }),
      properties["LoadState"] == "loaded"
    else { return nil }
    return StartLimit(properties)
  }
}
