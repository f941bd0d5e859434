internal import FoundationEssentials
internal import ReleaseStore

/// What went live and what failed, on a line of time.
struct PageTimeline {
  private static let (width, left, right, axis) = (960.0, 24.0, 936.0, 40.0)
  /// Of those that are drawn, the newest.
  private static let most = 60

  /// Switches and what never came to one; newest first.
  private let entries: [JournalEntry]
  private let start: Date
  private let end: Date

  /// - Parameter history: newest first.
  init(_ history: [JournalEntry], now: Date) {
    entries = history.filter {
      $0.operation == .activate || $0.operation == .rollback || $0.operation == .drift
        || $0.outcome == .failed || $0.outcome == .undone
    }.prefix(Self.most).map { $0 }
    end = max(now, entries.first?.started ?? now)
    start = entries.last?.started ?? end
  }

  static func colour(_ entry: JournalEntry) -> String {
    switch (entry.outcome, entry.operation) {
    case (.failed, _), (.undone, _): "trouble"
    case (_, .rollback): "caution"
    case (_, .drift), (_, .rebuild): "note"
    case (.done, .activate), (.finished, .activate): "good"
    default: ""
    }
  }

  /// Empty when there is nothing to draw.
  var drawing: HTML {
    if entries.isEmpty { return "" }
    let marks: [HTML] = entries.reversed().map { entry in
      let what = [entry.operation.rawValue, entry.id?.text, entry.outcome?.rawValue]
      let place = String(Int(x(entry.started)))
      return """
        <circle class="\(Self.colour(entry))" cx="\(place)" cy="\(String(Int(Self.axis)))" r="6">\
        <title>\(timeText(entry.started)) \(what.compactMap { $0 }.joined(separator: " ")) \
        by \(entry.user)</title></circle>

        """
    }
    let days = end.timeIntervalSince(start) >= 2 * 86_400
    return """
      <svg viewBox="0 0 960 64" preserveAspectRatio="none" role="img" \
      aria-label="switches and failures from \(timeText(start)) to \(timeText(end))">
      <line class="axis" x1="24" y1="40" x2="936" y2="40"/>
      \(marks)</svg>
      <p class="faint">from \(label(start, days)) to \(label(end, days)): \
      <span class="good">went live</span>, <span class="caution">rolled back</span>, \
      <span class="trouble">failed</span>, <span class="note">moved by hand</span></p>

      """
  }

  private func x(_ time: Date) -> Double {
    let span = max(1, end.timeIntervalSince(start))
    return Self.left + (Self.right - Self.left) * time.timeIntervalSince(start) / span
  }

  private func label(_ time: Date, _ isDay: Bool) -> String {
    isDay ? String(timeText(time).prefix(10)) : timeText(time)
  }
}
