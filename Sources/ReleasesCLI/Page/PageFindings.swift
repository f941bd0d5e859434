internal import ReleaseModel
internal import TerminalUI
internal import Text

/// What needs attention in a store, and what is under way.
struct PageFindings {
  /// The codes of what is under way.
  private static let running: Set<StoreFinding.Code> = [
    .unconfirmed, .unpacking, .preparing, .removing, .restarting,
  ]

  let findings: [StoreFinding]
  let freeze: FreezeReport?
  let store: String

  /// The most serious level; nil when nothing needs attention.
  var worst: Emphasis? {
    let levels = Set(open.map(\.level))
    if levels.contains(.problem) { return .trouble }
    return levels.contains(.warning) || freeze != nil ? .caution : nil
  }

  private var open: [StoreFinding] {
    let levels: [StoreFinding.Level] = [.problem, .warning, .note]
    let other = findings.filter { !Self.running.contains($0.code) }
    return levels.flatMap { level in other.filter { $0.level == level } }
  }

  private var underWay: [StoreFinding] {
    findings.filter { $0.level == .note && Self.running.contains($0.code) }
  }

  /// Both sections.
  var markup: HTML {
    let running: [HTML] = underWay.map { "<li class=\"single\">\(content($0.notice))</li>\n" }
    let second: HTML =
      running.isEmpty
      ? ""
      : """
      <section class="card note" aria-labelledby="running">
      <h2 id="running">Under way</h2>
      <ul>
      \(running)</ul>
      </section>

      """
    return attention + second
  }

  private var attention: HTML {
    let frozen: [HTML] =
      freeze.map {
        [
          item(
            "frozen", .caution,
            Notice("frozen since \($0.since.rfc3339) by \($0.user): \($0.reason)", hint: .thaw))
        ]
      } ?? []
    let problems = open.filter { $0.level == .problem }.map { item($0) }
    let others = open.filter { $0.level != .problem }.map { item($0) }
    let items = problems + frozen + others
    let reader = HintReader(store: store)
    let status = Hint("see the service", command: ["status"]).command(for: reader) ?? ""
    let list: HTML = items.isEmpty ? "" : "<ul>\n\(items)</ul>\n"
    return """
      <section class="card \(HTML.color(worst ?? .good))" aria-labelledby="findings">
      <h2 id="findings">\(verdict)</h2>
      \(list)<p class="faint">The service and its health are not checked for this page; see \
      <code>\(verbatim: status)</code></p>
      </section>

      """
  }

  /// How many problems and warnings there are.
  private var verdict: HTML {
    let problems = open.filter { $0.level == .problem }.count
    let warnings = open.filter { $0.level == .warning }.count
    let parts = [
      problems > 0 ? counted(problems, "problem") : nil,
      warnings > 0 ? counted(warnings, "warning") : nil,
      freeze == nil ? nil : "frozen",
    ].compactMap { $0 }
    return parts.isEmpty ? "No problems" : "\(verbatim: parts.joined(separator: ", "))"
  }

  private func item(_ finding: StoreFinding) -> HTML {
    let emphasis: Emphasis =
      switch finding.level {
      case .problem: .trouble
      case .warning: .caution
      case .note: .note
      }
    return item(finding.level.rawValue, emphasis, finding.notice)
  }

  private func item(_ word: String, _ emphasis: Emphasis, _ notice: Notice) -> HTML {
    "<li>\(HTML.badge(word, emphasis))\(content(notice))</li>\n"
  }

  private func content(_ notice: Notice) -> HTML {
    "<div>\n<p>\(notice.message)</p>\n\(HTML.hint(notice.hint, store: store))</div>"
  }
}
