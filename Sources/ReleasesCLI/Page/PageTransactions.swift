internal import FoundationEssentials
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The timeline and the table of past transactions.
struct PageTransactions {
  let history: PageHistory
  let now: Date

  /// The whole section.
  var markup: HTML {
    let rest = history.total - history.entries.count
    let more: HTML =
      rest > 0 ? "<p class=\"faint\">and \(counted(rest, "older transaction"))</p>\n" : ""
    let content = history.entries.isEmpty ? "<p>no transactions yet</p>\n" : table.markup
    return """
      <section class="card" aria-labelledby="history">
      <h2 id="history">History</h2>
      \(PageTimeline(history.milestones, now: now).drawing)\(content)\(more)</section>

      """
  }

  private var table: PageTable {
    PageTable(
      heading: "history",
      columns: [
        .init("When (UTC)", "short"), .init("What", "brief"), .init("Release", "brief"),
        .init("Outcome", "brief"), .init("Took", "brief short"), .init("Who", "brief"),
        .init("Note", "text"),
      ],
      rows: history.entries.map { entry in
        let seconds = entry.finished.map { Int($0.timeIntervalSince(entry.started)) } ?? 0
        return [
          HTML.time(entry.finished ?? entry.started), "\(verbatim: entry.operation.rawValue)",
          HTML.identifier(entry.id?.text),
          entry.outcomeText.map {
            HTML.badge($0, PageTimeline.Mark(entry)?.emphasis ?? .none)
          } ?? "",
          seconds < 1 ? "" : "\(seconds) s", "<span class=\"fit\">\(verbatim: entry.user)</span>",
          "\(verbatim: entry.explanation)",
        ]
      })
  }
}
