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
    self.store = Secrets.masked(store)
    self.sections = sections.map {
      Section(
        name: $0.name, seconds: ($0.seconds * 1000).rounded() / 1000,
        outcome: $0.outcome.rawValue, text: $0.text)
    }
    self.archive = archive.map { Secrets.masked($0) }
  }

  func text(_ style: Style) -> String {
    style.sentence(
      "secrets are shown as \(Secrets.mask); read the report before you share it", .note)
      + sections.map { section in
        let remark = section.outcome == "ok" ? "" : " (\(section.outcome))"
        let emphasis: Emphasis = section.outcome == "ok" ? .bold : .caution
        return "\n" + emphasis.apply("== \(section.name)\(remark) ==", style) + "\n"
          + lines(section.text, style)
      }.joined()
  }

  private func lines(_ text: String, _ style: Style) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      // Tabs are common in the output of programs, and harmless on a terminal.
      line.split(separator: "\t", omittingEmptySubsequences: false)
        .map { style.printable(String($0)) }.joined(separator: "\t") + "\n"
    }.joined()
  }
}
