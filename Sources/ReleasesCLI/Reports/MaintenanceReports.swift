internal import Manifest
internal import Operations
internal import ReleaseModel
internal import TerminalUI

/// The report of `prune`: its decisions.
struct PruneReport: Encodable, Sendable {
  struct Decision: Encodable, Sendable {
    let id: String
    let action: String
    let reason: String
  }

  var schema = 1
  let decisions: [Decision]
  let freedBytes: Int64
  let dryRun: Bool
  /// The releases that are not in the catalog.
  let unknown: [String]
  let warnings: [String]
  let recovered: [String]

  init(_ result: PruneResult, dryRun: Bool, store: String?) {
    decisions = result.decisions.map {
      Decision(id: $0.id.text, action: $0.action.rawValue, reason: $0.reason)
    }
    freedBytes = result.freedBytes
    self.dryRun = dryRun
    unknown = result.unknown
    warnings = (result.warnings + result.remains.map(\.warning)).map { $0.line(store: store) }
    recovered = result.recovered
  }

  private var removed: [Decision] { decisions.filter { $0.action == "remove" } }

  /// Returns the text, which is empty if nothing was removed. A dry run prints every decision.
  func text(_ style: Style) -> String {
    if dryRun { return plan(style) }
    if removed.isEmpty { return "" }
    return removed.map { style.sentence("removed \($0.id): \($0.reason)") }.joined()
      + style.sentence("freed about \(sizeText(freedBytes))")
  }

  private func plan(_ style: Style) -> String {
    let unknown =
      unknown.isEmpty ? nil : "retained, not in the catalog: " + unknown.joined(separator: ", ")
    let end = unknown.map { style.sentence($0) } ?? ""
    if decisions.isEmpty { return "no releases\n" + end }
    var table = Table(columns: [
      .init(title: "RELEASE"), .init(title: "WOULD"), .init(title: "REASON", expendable: 1),
    ])
    table.rows = decisions.map {
      [
        .init(text: $0.id),
        $0.action == "remove" ? .init(text: "remove", emphasis: .caution) : .init(text: "retain"),
        .init(text: $0.reason),
      ]
    }
    return table.rendered(style)
      + style.sentence(
        "would remove \(counted(removed.count, "release")), about \(sizeText(freedBytes))") + end
  }
}

/// The report of `verify`: the differences of each release.
struct VerifyReport: Encodable, Sendable {
  struct Release: Encodable, Sendable {
    let id: String
    let whole: Bool
    let modified: [String]
    let missing: [String]
    let added: [String]
    let touched: [String]
    /// What changed in each file of `modified`, by its path.
    let details: [String: String]
    /// Why the release could not be verified; nil when it was.
    @OrNull var problem: String?
  }

  var schema = 1
  let releases: [Release]

  /// - Parameters:
  ///   - results: the differences of each release.
  ///   - strict: whether added files and different times count as well.
  init(_ results: [Verification], strict: Bool) {
    releases = results.map {
      Release(
        id: $0.id.text, whole: strict ? $0.isIdentical : $0.isIntact,
        modified: $0.modified.map(\.path), missing: $0.missing, added: $0.added,
        touched: $0.touched,
        details: Dictionary(
          $0.modified.map { ($0.path, $0.change) }, uniquingKeysWith: { first, _ in first }),
        problem: $0.unreadable)
    }
  }

  func text(_ style: Style) -> String {
    let width = releases.map(\.id.count).max() ?? 0
    return releases.map { release in
      var found = [Field("problem", release.problem)]
      found += release.missing.map { Field("missing", $0) }
      found += release.modified.map { Field("modified", "\($0): \(release.details[$0] ?? "")") }
      found += release.added.map { Field("added", $0) }
      found += release.touched.map { Field("touched", $0) }
      let result =
        release.whole
        ? Emphasis.good.apply("ok", style)
        : Emphasis.trouble.apply(release.problem == nil ? "differs" : "not verified", style)
      let padding = String(repeating: " ", count: width - release.id.count)
      return "\(release.id)\(padding)  \(result)\n" + fieldText(found, style, indent: 2)
    }.joined()
  }
}

/// The report of `check`: its findings.
struct CheckReport: Encodable, Sendable {
  struct Item: Encodable, Sendable {
    let subject: String
    let level: String
    let message: String
    @OrNull var hint: String?
    /// The code of the finding, or of the error that the affected command would return.
    @OrNull var code: String?
  }

  var schema = 1
  let store: String
  let findings: [Item]

  init(_ store: String, _ findings: [Finding], storeArgument: String?) {
    self.store = store
    self.findings = findings.map {
      Item(
        subject: $0.subject, level: $0.level.rawValue, message: $0.message,
        hint: $0.hint?.line(store: storeArgument),
        code: $0.storeCode?.rawValue ?? $0.code?.rawValue)
    }
  }

  func text(_ style: Style) -> String {
    fieldText(
      findings.flatMap { item in
        let emphasis: Emphasis =
          item.level == "problem" ? .trouble : item.level == "warning" ? .caution : .good
        return [
          Field(item.level, "\(item.subject): \(item.message)", nameEmphasis: emphasis),
          Field("", item.hint.map { "hint: \($0)" }, isOneLine: true),
        ]
      }, style)
  }
}

/// The report of a command that changes the store in other ways than an operation on a release:
/// pins, marks, freezes, removals and recovery.
struct ChangeReport: Encodable, Sendable {
  var schema = 1
  let command: String
  @OrNull var id: String?
  /// The outcome: `done` or `unchanged`; also `left` for a recovery at boot while another process
  /// holds the lock.
  var outcome: String
  var dryRun = false
  var recovered: [String] = []
  var freedBytes: Int64?
}

/// The report of `history`: past transactions. ``HistoryDocument`` writes the entries of the JSON
/// document.
struct HistoryReport: Encodable, Sendable {
  var schema = 1
  let store: String
  /// The transactions, newest first.
  let entries: [JournalEntry]
  /// The line numbers of the corrupt lines in `history.jsonl`.
  let corruptLines: [Int]
  /// The corrupt lines in all files of the history.
  let corrupt: [HistoryPosition]
  /// Whether older transactions are left out.
  let hasOlder: Bool

  private enum CodingKeys: String, CodingKey {
    case schema, store
    case hasOlder = "older"
    case corruptLines = "damagedLines"
    case corrupt = "damaged"
  }

  init(store: String, _ history: History, hasOlder: Bool = false) {
    self.store = store
    entries = history.entries.reversed()
    corrupt = history.corrupt
    corruptLines = history.corrupt.filter { $0.file == Layout.history }.map(\.line)
    self.hasOlder = hasOlder
  }

  func text(_ style: Style) -> String {
    if entries.isEmpty { return "no transactions yet\n" }
    var table = Table(columns: [
      .init(title: "WHEN"), .init(title: "WHAT"), .init(title: "RELEASE"),
      .init(title: "OUTCOME"), .init(title: "WHO", expendable: 1, widest: 20),
      .init(title: "NOTE", expendable: 2),
    ])
    for entry in entries {
      let isTrouble = entry.outcome == .failed || entry.outcome == .undone
      table.rows.append([
        .init(text: localTime(entry.finished ?? entry.started)),
        .init(text: entry.operation.rawValue), .init(text: entry.id?.text ?? ""),
        .init(text: entry.outcome?.rawValue ?? "", emphasis: isTrouble ? .caution : .none),
        .init(text: entry.user),
        .init(text: entry.explanation),
      ])
    }
    let rest =
      hasOlder
      ? style.sentence("older transactions are left out; a higher --limit prints more") : ""
    return table.rendered(style) + rest
  }
}

extension JournalEntry {
  /// The state that the release got; nil when the operation did not set it.
  var stateText: String? {
    switch (operation, newState) {
    case (_, nil): nil
    case (.mark, .ready?): "good"
    case (.activate, .ready?), (.rollback, .ready?): "no longer bad"
    case (_, let state?): state.rawValue
    }
  }

  /// The text beside the outcome: which release was live before, and the reasons.
  fileprivate var explanation: String {
    let before = operation.isSwitch ? from.map { "\($0) was live" } : nil
    let reasons = [stateText, reason].compactMap { $0 }.joined(separator: ": ")
    return [before, reasons.isEmpty ? nil : reasons, note].compactMap { $0 }
      .joined(separator: "; ")
  }
}
