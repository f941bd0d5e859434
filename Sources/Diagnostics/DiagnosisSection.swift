package import ReleaseModel
internal import Text

/// One part of the report, which users attach to an issue.
package struct DiagnosisSection: Sendable {
  /// Gathers the output for a section.
  package typealias Body = @Sendable () throws(ReleasesError) -> Output

  /// How gathering a section ended; scripts rely on the raw values.
  package enum Outcome: String, Sendable {
    case ok, failed
    /// The host does not have the tool, or the configuration does not have the value.
    case missing
    case timedOut
  }

  /// The name, which is unique in the report.
  package let name: String
  /// How long gathering it took.
  package let seconds: Double
  package let outcome: Outcome
  /// The printable lines, with secrets masked. After a failure, the first line says what failed.
  package let text: String

  /// The output for a section as it was gathered, possibly with secrets.
  package struct Output: Sendable {
    package var outcome = Outcome.ok
    /// The bytes, in any encoding.
    var content: [UInt8]
    /// How much of the content is shown, in bytes.
    package var limit = 256 << 10
    /// Whether the content consists of messages, whose identifiers must not be masked.
    var isClean = false

    package init(_ text: String, _ outcome: Outcome = .ok) {
      self.init(Array(text.utf8), outcome)
    }

    /// Makes the output of another command, which consists of messages.
    package init(rendered text: String) {
      self.init(Array(text.utf8))
      isClean = true
    }

    init(_ content: [UInt8], _ outcome: Outcome = .ok, limit: Int = 256 << 10) {
      self.content = content
      self.outcome = outcome
      self.limit = limit
    }

    /// Makes the output of an error.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - store: the path of the store, for the command in the hint.
    package init(_ error: ReleasesError, store: String) {
      let hint = error.hint.map { "\nhint: \($0.line(for: HintReader(store: store)))" } ?? ""
      self.init("\(error.line)\(hint)\n", .failed)
      isClean = true
    }
  }

  /// Makes a section. Every section is made here, so that all text passes the boundary.
  ///
  /// - Parameters:
  ///   - name: the name of the section.
  ///   - seconds: how long gathering it took.
  ///   - output: the output.
  ///   - identifiers: the IDs of the store, which are never masked.
  init(_ name: String, seconds: Double, _ output: Output, keeping identifiers: [String] = []) {
    self.name = name
    self.seconds = seconds
    outcome = output.outcome
    let clean =
      output.isClean
      ? output.content : Outgoing.lines(output.content, keeping: identifiers)
    text = String(
      decoding: LegibleText.beginning(clean, atMost: output.limit), as: UTF8.self)
  }

  private init(_ section: DiagnosisSection, text: String) {
    (name, seconds, outcome) = (section.name, section.seconds, section.outcome)
    self.text = text
  }

  /// Returns the section with a remark after each line of ss(8) that listens on a port.
  package func marking(port: Int?, _ remark: String) -> DiagnosisSection {
    guard let port else { return self }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let columns = line.split(separator: " ")
      let listens = columns.count > 3 && columns[3].hasSuffix(":\(port)")
      return listens ? "\(line)  <- \(remark)" : String(line)
    }
    return DiagnosisSection(self, text: lines.joined(separator: "\n"))
  }
}
