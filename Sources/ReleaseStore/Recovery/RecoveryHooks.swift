/// What recovery does when an interrupted switch requires the activate hook to run again.
package enum RecoveryHooks: Sendable {
  /// Run the hook.
  case run
  /// Skip the hook, because the service has not been started yet.
  case skip
  /// Refuse to recover and change nothing, because this process may lack the rights that the hook
  /// needs, as in a sandboxed unit.
  case refuse
}

extension Transaction {
  /// Refuses a recovery that has to run the activate hook, where hooks are refused.
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
