internal import Linux
internal import ReleaseModel
internal import ReleaseStore

extension CatalogFiles {
  /// Whether a release is marked bad; false if that can't be read.
  func isMarkedBad(_ id: ReleaseID) -> Bool {
    guard case .found(let release)? = try? entry(id) else { return false }
    return release.state == .bad
  }
}

extension Store {
  /// Moves the links of a switch, durably, since the service may rely on them at once.
  ///
  /// - Parameters:
  ///   - plan: the switch.
  ///   - entry: the journal entry of the confirmed switch.
  ///   - trace: receives the step.
  /// - Returns: the catalog entries for the confirmed switch, which are durable already.
  /// - Throws: an error when the links or the catalog entries can't be written.
  func moveLinks(
    _ plan: SwitchPlan, _ entry: JournalEntry, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> StagedEntries {
    let start = Clock.monotonicSeconds()
    var staged = try catalog.stage(try catalog.entries(after: entry))
    do throws(ReleasesError) {
      try links.move(to: plan.after)
      // This comes after the links, so that a journaling file system writes its journal once for both.
      try staged.flush()
      try links.flush()
    } catch {
      staged.discard()
      throw error
    }
    trace.steps.append(Step("switch", seconds: Clock.monotonicSeconds() - start))
    return staged
  }
}
