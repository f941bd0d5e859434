internal import ReleaseModel
internal import Text

extension ReleasesError {
  /// Makes the error that another process of this program has reported, whose texts have passed the
  /// boundary there; nil when the document is not
  /// that of a failure.
  ///
  /// - Parameter document: the JSON document of that process.
  init?(reportedIn document: JSONValue) {
    guard let failure = document["error"], let message = failure["message"]?.text else {
      return nil
    }
    self.init(
      failure["code"]?.text.flatMap(Code.init) ?? .failed, Message(verbatim: message),
      hint: Hint(reported: failure["hint"]?.text, failure["command"]?.text),
      cause: failure["cause"]?.text.map { Message(verbatim: $0) })
  }
}

extension Hint {
  /// Makes the hint from the line of a document; nil without one.
  ///
  /// - Parameters:
  ///   - line: the sentence, and the command after a colon.
  ///   - command: the command alone.
  fileprivate init?(reported line: String?, _ command: String?) {
    guard let line else { return nil }
    if let command, line.hasSuffix(": \(command)") {
      self.init(Message(verbatim: String(line.dropLast(command.count + 2))), shell: command)
    } else {
      self.init(Message(verbatim: line))
    }
  }
}
