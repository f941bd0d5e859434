internal import Linux

extension Check {
  /// How long systemd may take to tell, in seconds.
  private static var patience: Double { 5 }

  /// Whether systemd could refuse the restart that a rollback needs.
  ///
  /// - Throws: what the configuration is refused with.
  func startLimit(_ store: Store) throws(ReleasesError) -> [Finding] {
    guard let unit = try store.configuration().service else { return [] }
    let owner = try attempting("can't look at \(store.path)") { () throws(SystemError) in
      try store.root.status().owner
    }
    // What others may do says nothing of the owner, who runs the hook; root may do it anyway.
    guard owner != 0, owner == ProcessFacts.effectiveUser,
      let limit = limit(of: unit), limit.couldRefuse,
      !StartLimitReset(unit: unit).isPermitted(environment, stop: { nil })
    else { return [] }
    let line = SudoersLine(user: Account.of(owner)?.name, userID: owner, unit: unit)
    return [
      finding(
        "start limit", .warning, limit.warning(unit),
        hint: "echo \(Self.quoted("\(line)")) | sudo tee -a /etc/sudoers.d/releases")
    ]
  }

  /// Nil where there is no systemd, or it does not tell, or knows no such unit.
  private func limit(of unit: String) -> StartLimit? {
    let names = ["LoadState"] + StartLimit.properties
    guard
      case .told(let properties)? = try? SystemdUnit(name: unit).properties(
        names, environment, within: Self.patience, stop: { false }),
      properties["LoadState"] == "loaded"
    else { return nil }
    return StartLimit(properties)
  }

  /// As a shell takes it for one word.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
