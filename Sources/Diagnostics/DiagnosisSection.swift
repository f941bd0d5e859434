internal import Linux
package import ReleaseModel
internal import Text

/// One part of the report that people attach to an issue.
package struct DiagnosisSection: Sendable {
  /// Finds out the content of a section.
  package typealias Body = @Sendable () throws(ReleasesError) -> Answer

  package enum Outcome: String, Sendable {
    case ok, failed
    /// The host has no such tool, or the configuration names nothing to ask.
    case missing
    case timedOut
  }

  package let name: String
  /// How long it took.
  package let seconds: Double
  package let outcome: Outcome
  /// Legible lines without secrets; where something went wrong, the first of them says so.
  package let text: String

  /// What a section has found out, as it came.
  package struct Answer: Sendable {
    package var outcome = Outcome.ok
    package var content: [UInt8]
    /// How much of the content is shown, in bytes.
    package var limit = 256 << 10

    package init(_ text: String, _ outcome: Outcome = .ok) {
      self.init(Array(text.utf8), outcome)
    }

    init(_ content: [UInt8], _ outcome: Outcome = .ok, limit: Int = 256 << 10) {
      self.content = content
      self.outcome = outcome
      self.limit = limit
    }

    package init(_ error: ReleasesError) {
      let cause = error.cause.map { ": \($0)" } ?? ""
      let hint = error.hint.map { "\nhint: \($0)" } ?? ""
      self.init(error.message + cause + hint + "\n", .failed)
    }
  }

  /// The only way to make one, so that nothing gets in as it came.
  init(_ name: String, seconds: Double, _ answer: Answer) {
    self.name = name
    self.seconds = seconds
    outcome = answer.outcome
    let masked = Secrets.masked(LegibleText.clean(answer.content))
    text = String(
      decoding: LegibleText.beginning(masked, atMost: answer.limit), as: UTF8.self)
  }

  private init(_ section: DiagnosisSection, text: String) {
    (name, seconds, outcome) = (section.name, section.seconds, section.outcome)
    self.text = text
  }

  /// With a remark behind each line of ss(8) that listens on a port.
  package func marking(port: Int?, _ remark: String) -> DiagnosisSection {
    guard let port else { return self }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let words = line.split(separator: " ")
      let listens = words.count > 3 && words[3].hasSuffix(":\(port)")
      return listens ? "\(line)  <- \(remark)" : String(line)
    }
    return DiagnosisSection(self, text: lines.joined(separator: "\n"))
  }
}
