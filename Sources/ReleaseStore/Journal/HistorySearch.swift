package import ReleaseModel

extension HistoryFile {
  /// How many entries are searched from the end.
  private static let searchLimit = 20_000

  /// Finds the last switch of the history, from its end, so that it takes no longer when the history
  /// is long.
  ///
  /// - Returns: the end of the last switch, whatever its outcome; nil when the searched end of the
  ///   history has none, or it can't be read.
  package func lastSwitch() -> JournalEntry? { last { $0.operation.isSwitch } }

  /// Finds the last switch between instances.
  ///
  /// - Parameter id: the release; nil for any.
  /// - Returns: what it recorded of the instances; nil when the searched end of the history has none, or it
  ///   can't be read.
  package func lastInstanceSwitch(to id: ReleaseID? = nil) -> InstanceSwitch? {
    last { $0.operation.isSwitch && (id == nil || $0.id == id) && $0.instances != nil }?.instances
  }

  private func last(where isSearched: (JournalEntry) -> Bool) -> JournalEntry? {
    var found: JournalEntry?
    var searched = 0
    _ = try? visitNewestFirst { entry in
      if isSearched(entry) { found = entry }
      searched += 1
      return found == nil && searched < Self.searchLimit
    }
    return found
  }
}
