internal import Diagnostics
internal import Linux
internal import TerminalUI
internal import Text

/// All that was gathered about a store and its host.
struct DiagnosisReport: Encodable, Sendable {
  struct Section: Encodable, Sendable {
    let name: String
    let seconds: Double
    /// `ok`, `failed`, `missing` or `timedOut`.
    let outcome: String
    let text: String
  }

  var schema = 1
  let store: String
  let sections: [Section]
  /// The file it was written to, where it was.
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
      "secrets are shown as \(Secrets.mask); read it through before you give it to others", .note)
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
      // Tabs are as harmless as they are common.
      line.split(separator: "\t", omittingEmptySubsequences: false)
        .map { style.printable(String($0)) }.joined(separator: "\t") + "\n"
    }.joined()
  }
}
