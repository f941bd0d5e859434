/// What recovery does where an interrupted switch needs the activate hook to run again.
package enum RecoveryHooks: Sendable {
  /// Runs it.
  case run
  /// Leaves it out: the service has not been started yet.
  case skip
  /// Refuses to recover, and changes nothing: this process may be kept from what the hook needs, as
  /// a sandboxed unit is.
  case refuse
}

extension Transaction {
  /// Refuses a recovery that would have to run a hook, where hooks are refused.
  ///
  /// - Throws: `interrupted`; nothing has been changed.
  func refuseHooks(_ steps: [RecoveryStep], _ entry: JournalEntry) throws(ReleasesError) {
    guard hooks == .refuse, steps.contains(where: \.runsHook),
      (try? store.configuration())?.hooks.activate != nil
    else { return }
    let id = entry.id.map { " to \($0)" } ?? ""
    throw ReleasesError(
      .interrupted,
      "a switch\(id) was interrupted, and its recovery has to run the activate hook,"
        + " which --no-hooks forbids",
      hint: "releases --store \(store.path) recover")
  }
}

extension RecoveryStep {
  var runsHook: Bool {
    if case .runActivateHook = self { true } else { false }
  }
}
