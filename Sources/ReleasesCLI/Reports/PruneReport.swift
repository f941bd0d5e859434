internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The report of `prune`: its decisions.
struct PruneReport: Encodable, Sendable {
  struct Decision: Encodable, Sendable {
    let id: String
    let action: String
    let reason: Message
  }

  var schema = 1
  let decisions: [Decision]
  let freedBytes: Int64
  let dryRun: Bool
  /// The releases that are not in the catalog.
  let unknown: [Message]
  let warnings: [Message]
  let recovered: [Message]
  /// What could not be removed of the removed releases.
  let remains: [RemainsReport]

  init(_ result: PruneResult, dryRun: Bool, for reader: HintReader) {
    decisions = result.decisions.map {
      Decision(id: $0.id.text, action: $0.action.rawValue, reason: $0.reason)
    }
    freedBytes = result.freedBytes
    self.dryRun = dryRun
    unknown = result.unknown.map { Message($0) }
    warnings = (result.warnings + result.remains.map(\.warning)).map { $0.line(for: reader) }
    recovered = result.recovered
    remains = RemainsReport.all(result.remains, for: reader)
  }

  private var removed: [Decision] { decisions.filter { $0.action == "remove" } }

  /// Returns the text, which is empty if nothing was removed. A dry run prints every decision.
  func text(_ style: Style) -> String {
    if dryRun { return plan(style) }
    if removed.isEmpty { return "" }
    return removed.map { style.sentence("removed \(verbatim: $0.id): \($0.reason)") }.joined()
      + style.sentence("freed about \(sizeText(freedBytes))")
  }

  private func plan(_ style: Style) -> String {
    let unknown: Message? =
      unknown.isEmpty ? nil : "retained, not in the catalog: " + unknown.joined(separator: ", ")
    let end = unknown.map { style.sentence($0) } ?? ""
    if decisions.isEmpty { return "no releases\n" + end }
    var table = Table(columns: [
      .init(title: "RELEASE"), .init(title: "WOULD"), .init(title: "REASON", expendable: 1),
    ])
    table.rows = decisions.map {
      [
        .init(verbatim: $0.id),
        $0.action == "remove" ? .init(text: "remove", emphasis: .caution) : .init(text: "retain"),
        .init(text: $0.reason),
      ]
    }
    return table.rendered(style)
      + style.sentence(
        "would remove \(counted(removed.count, "release")), about \(sizeText(freedBytes))") + end
  }
}
