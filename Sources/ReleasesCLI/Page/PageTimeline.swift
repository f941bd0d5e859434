internal import FoundationEssentials
internal import ReleaseModel

/// A timeline of switches and failures.
struct PageTimeline {
  /// The number of transactions on the timeline; older ones are left out.
  static let maximumEntries = 60

  /// The switches and failed transactions, newest first.
  private let entries: [JournalEntry]
  private let start: Date
  private let end: Date

  /// Whether a transaction is on the timeline.
  static func shows(_ entry: JournalEntry) -> Bool {
    entry.operation == .activate || entry.operation == .rollback || entry.operation == .drift
      || entry.outcome == .failed || entry.outcome == .undone
  }

  /// - Parameters:
  ///   - entries: the transactions that ``shows(_:)`` selects, newest first.
  ///   - now: the end of the timeline.
  init(_ entries: [JournalEntry], now: Date) {
    self.entries = entries
    end = max(now, entries.first?.started ?? now)
    start = entries.last?.started ?? end
  }

  /// Returns the style class of a transaction; empty for none.
  static func color(_ entry: JournalEntry) -> String {
    let outcome = entry.outcome == .done && !entry.isSuccess ? .failed : entry.outcome
    return switch (outcome, entry.operation) {
    case (.failed, _), (.undone, _): "trouble"
    case (_, .rollback): "caution"
    case (_, .drift), (_, .rebuild): "note"
    case (.done, .activate), (.finished, .activate): "good"
    default: ""
    }
  }

  /// The timeline; empty when there are no entries.
  var drawing: HTML {
    if entries.isEmpty { return "" }
    let marks: [HTML] = entries.reversed().map { entry in
      let what = [entry.operation.rawValue, entry.id?.text, entry.outcomeText]
      return """
        <i class="\(Self.color(entry))" style="left: \(place(of: entry.started))%" \
        title="\(entry.started.rfc3339) \(verbatim: what.compactMap { $0 }.joined(separator: " ")) by \
        \(verbatim: entry.user)"></i>

        """
    }
    let isInDays = end.timeIntervalSince(start) >= 2 * 86_400
    return """
      <div class="line" role="img" \
      aria-label="switches and failures from \(start.rfc3339) to \(end.rfc3339)">
      \(marks)</div>
      <p class="faint">from \(label(start, isInDays)) to \(label(end, isInDays)): \
      <span class="good">went live</span>, <span class="caution">rolled back</span>, \
      <span class="trouble">failed</span>, <span class="note">moved by hand</span></p>

      """
  }

  /// Returns the position on the line, in percent of its width.
  private func place(of time: Date) -> Int {
    let span = max(1, end.timeIntervalSince(start))
    return Int((time.timeIntervalSince(start) / span * 100).rounded())
  }

  private func label(_ time: Date, _ isInDays: Bool) -> String {
    isInDays ? String(time.rfc3339.prefix(10)) : time.rfc3339
  }
}
