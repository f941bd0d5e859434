internal import Configuration
internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The retention policy, and what the next prune will do.
struct PageRetention {
  /// What the next prune will do; nil when the configuration is invalid.
  let prune: PruneResult?
  let keep: Configuration.Keep?
  let store: String

  /// The whole section.
  var markup: HTML {
    """
    <section class="card" aria-labelledby="retention">
    <h2 id="retention">Retention</h2>
    \(content)</section>

    """
  }

  private var content: HTML {
    guard let prune, let keep else {
      let hint = HTML.hint(Hint("see the error", command: ["check"]), store: store)
      return "<p class=\"trouble\">releases.yaml is invalid</p>\n\(hint)"
    }
    let exception = keep.minFree.map { "; age does not count while less than \($0) is free" } ?? ""
    let warnings: [HTML] = prune.warnings.map {
      "<p class=\"caution\">\($0.message)</p>\n\(HTML.hint($0.hint, store: store))"
    }
    return """
      <p>The policy retains the live release, the rollback target, pinned releases, the newest \
      \(keep.count) that were ready, and releases younger than \(keep.age.description)\(exception).</p>
      \(warnings)\(prune.decisions.isEmpty ? "" : table(prune.decisions).markup)
      """
  }

  private func table(_ decisions: [RetentionDecision]) -> PageTable {
    PageTable(
      heading: "retention",
      columns: [
        .init("Release"), .init("Next prune", "brief"), .init("Frees", "short"),
        .init("Reason", "text"),
      ],
      rows: decisions.map { decision in
        let isRemoval = decision.action == .remove
        return [
          HTML.identifier(decision.id.text),
          isRemoval ? HTML.badge("remove", .caution) : HTML.badge("retain", .none),
          isRemoval ? "\(verbatim: sizeText(decision.bytes))" : "", "\(decision.reason)",
        ]
      })
  }
}
