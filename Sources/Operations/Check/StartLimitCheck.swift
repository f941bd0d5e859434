internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Check {
  /// Reports the units whose restart, which a rollback needs, systemd could refuse.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func startLimit(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    let units = (try? store.configuration())?.services ?? []
    if units.isEmpty { return [] }
    guard let owner = try ownerWithoutRights(of: store) else { return [] }
    return units.compactMap { startLimit(of: $0, owner) }
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
    guard let properties = properties(["LoadState"] + StartLimit.properties, of: unit),
      properties["LoadState"] == "loaded"
    else { return nil }
    return StartLimit(properties)
  }
}
