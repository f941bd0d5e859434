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
