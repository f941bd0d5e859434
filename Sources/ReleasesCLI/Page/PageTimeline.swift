internal import FoundationEssentials
internal import ReleaseModel
internal import TerminalUI

/// A timeline of switches and failures.
struct PageTimeline {
  /// The number of transactions on the timeline; older ones are left out.
  static let maximumEntries = 60

  /// What a transaction is on the timeline. Each kind has a shape of its own beside its color.
  enum Mark: CaseIterable {
    case live, rolledBack, failed, moved

    /// Nil for a transaction that is none of these.
    init?(_ entry: JournalEntry) {
      // The transaction that leaves a failed release live is done, and its state says so.
      if !entry.isSuccess && entry.outcome != nil {
        self = .failed
        return
      }
      switch entry.operation {
      case .rollback: self = .rolledBack
      case .drift: self = .moved
      case .activate: self = .live
      default: return nil
      }
    }

    var emphasis: Emphasis {
      switch self {
      case .live: .good
      case .rolledBack: .caution
      case .failed: .trouble
      case .moved: .note
      }
    }

    fileprivate var name: HTML {
      switch self {
      case .live: "went live"
      case .rolledBack: "rolled back"
      case .failed: "failed"
      case .moved: "moved by hand"
      }
    }

    /// The shape around the origin.
    fileprivate var shape: HTML {
      switch self {
      case .live: "<circle r=\"5\"/>"
      case .rolledBack: "<path d=\"M5-5.5v11L-6 0z\"/>"
      case .failed: "<path d=\"M-4-4 4 4M4-4-4 4\" class=\"stroke\"/>"
      case .moved: "<path d=\"M0-6 6 0 0 6-6 0z\"/>"
      }
    }
  }

  /// The switches and failed transactions, newest first.
  private let entries: [JournalEntry]
  private let start: Date
  private let end: Date

  /// Whether a transaction is on the timeline.
  static func shows(_ entry: JournalEntry) -> Bool { Mark(entry) != nil }

  /// - Parameters:
  ///   - entries: the transactions that ``shows(_:)`` selects, newest first.
  ///   - now: the end of the timeline.
  init(_ entries: [JournalEntry], now: Date) {
    self.entries = entries
    end = max(now, entries.first?.started ?? now)
    start = entries.last?.started ?? end
  }

  /// The timeline; empty when there are no entries.
  var drawing: HTML {
    if entries.isEmpty { return "" }
    let marks: [HTML] = entries.reversed().compactMap { entry in
      guard let mark = Mark(entry) else { return nil }
      let what = [entry.operation.rawValue, entry.id?.text, entry.outcomeText]
      return """
        <svg x="\(place(of: entry.started))%" y="50%" class="\(HTML.color(mark.emphasis))">\
        <title>\(entry.started.rfc3339) \(verbatim: what.compactMap { $0 }.joined(separator: " ")) \
        by \(verbatim: entry.user)</title>\(mark.shape)</svg>

        """
    }
    let keys: [HTML] = Mark.allCases.map { mark in
      """
      <span><svg class="key \(HTML.color(mark.emphasis))" viewBox="-7 -7 14 14" aria-hidden="true">\
      \(mark.shape)</svg> \(mark.name)</span>

      """
    }
    return """
      <svg class="line" role="img" \
      aria-label="switches and failures from \(start.rfc3339) to \(end.rfc3339)">
      <line x1="0" y1="50%" x2="100%" y2="50%"/>
      \(marks)</svg>
      <p class="scale faint">\(HTML.time(start))\(HTML.time(end))</p>
      <p class="keys faint">\(keys)</p>

      """
  }

  /// Returns the position on the line, in percent of its width.
  private func place(of time: Date) -> Int {
    let span = max(1, end.timeIntervalSince(start))
    return Int((time.timeIntervalSince(start) / span * 100).rounded())
  }
}
