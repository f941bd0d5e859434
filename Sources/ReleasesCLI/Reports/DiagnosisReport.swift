internal import Diagnostics
internal import TerminalUI
internal import Text

/// The report of `diagnose` about a store and its host.
struct DiagnosisReport: Encodable, Sendable {
  struct Section: Encodable, Sendable {
    let name: String
    let seconds: Double
    /// The outcome: `ok`, `failed`, `missing` or `timedOut`.
    let outcome: String
    let text: String
  }

  var schema = 1
  let store: String
  let sections: [Section]
  /// The archive that the report was written to; nil for none.
  var archive: String?

  init(_ store: String, _ sections: [DiagnosisSection], archive: String? = nil) {
    self.store = Message(store).text
    self.sections = sections.map {
      Section(
        name: $0.name, seconds: ($0.seconds * 1000).rounded() / 1000,
        outcome: $0.outcome.rawValue, text: $0.text)
    }
    self.archive = archive.map { Message($0).text }
  }

  func text(_ style: Style) -> String {
    style.sentence(
      "secrets are shown as \(Secrets.mask); read the report before you share it", .note)
      + sections.map { "\n" + sectionText($0.name, $0.outcome, $0.text, style) }.joined()
  }
}

/// Returns the text of logs, one after the other.
func logText(_ sections: [DiagnosisSection], _ style: Style) -> String {
  sections.map { sectionText($0.name, $0.outcome.rawValue, $0.text, style) }
    .joined(separator: "\n")
}

private func sectionText(
  _ name: String, _ outcome: String, _ text: String, _ style: Style
) -> String {
  let remark = outcome == "ok" ? "" : " (\(outcome))"
  let emphasis: Emphasis = outcome == "ok" ? .bold : .caution
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  if lines.last?.isEmpty == true { lines.removeLast() }
  let content = lines.map { line in
    // Tabs are common in the output of programs, and harmless on a terminal.
    line.split(separator: "\t", omittingEmptySubsequences: false)
      .map { style.printable(Message(verbatim: String($0))) }.joined(separator: "\t") + "\n"
  }
  return emphasis.apply("== \(style.printable(Message(verbatim: name)))\(remark) ==", style) + "\n"
    + content.joined()
}
