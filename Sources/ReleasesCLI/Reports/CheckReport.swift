internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The report of `check`: its findings.
struct CheckReport: Encodable, Sendable {
  struct Item: Encodable, Sendable {
    let subject: String
    let level: String
    let message: Message
    @OrNull var hint: Message?
    /// The code of the finding, or of the error that the affected command would return.
    @OrNull var code: String?
  }

  var schema = 1
  let store: String
  let findings: [Item]

  init(_ store: String, _ findings: [Finding], reader: HintReader) {
    self.store = store
    self.findings = findings.map {
      Item(
        subject: $0.subject, level: $0.level.rawValue, message: $0.message,
        hint: $0.hint?.line(for: reader),
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
