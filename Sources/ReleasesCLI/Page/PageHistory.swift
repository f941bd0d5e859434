internal import ReleaseModel
internal import ReleaseStore

/// The part of the history that the page shows.
struct PageHistory: Sendable {
  /// The number of transactions on the page; older ones are only counted.
  private static let maximumEntries = 100
  /// How many transactions are searched for those of the timeline.
  private static let maximumVisited = 10_000

  /// The newest transactions, newest first.
  let entries: [JournalEntry]
  /// The transactions of the timeline, newest first.
  let milestones: [JournalEntry]
  /// The number of transactions in the history.
  let total: Int

  /// Reads the newest transactions of a store.
  ///
  /// - Throws: an error when the history can't be read.
  init(_ history: HistoryFile) throws(ReleasesError) {
    var (entries, milestones, visited): ([JournalEntry], [JournalEntry], Int) = ([], [], 0)
    try history.visitNewestFirst { entry in
      visited += 1
      if entries.count < Self.maximumEntries { entries.append(entry) }
      if PageTimeline.shows(entry) { milestones.append(entry) }
      return visited < Self.maximumVisited
        && (milestones.count < PageTimeline.maximumEntries
          || entries.count < Self.maximumEntries)
    }
    self.entries = entries
    self.milestones = Array(milestones.prefix(PageTimeline.maximumEntries))
    total = try history.tally().entries
  }
}
