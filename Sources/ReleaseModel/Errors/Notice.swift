package import Text

/// A notice is a warning or a problem for the operator, with a hint on what to do about it.
package struct Notice: Equatable, Sendable {
  /// The message: one sentence in lower case, without a final period.
  package let message: Message
  package let hint: Hint?

  package init(_ message: Message, hint: Hint? = nil) {
    self.message = message
    self.hint = hint
  }

  /// Turns an error into a notice, for a command that continues in spite of it.
  package init(_ error: ReleasesError) { self.init(error.line, hint: error.hint) }

  /// Returns the message and the hint on one line.
  ///
  /// - Parameter reader: who reads the notice.
  /// - Returns: the message, and the hint after a semicolon.
  package func line(for reader: HintReader) -> Message {
    hint.map { "\(message); \($0.line(for: reader))" } ?? message
  }
}

extension Notice: ExpressibleByStringInterpolation {
  package init(stringLiteral message: String) { self.init(Message(message)) }

  package init(stringInterpolation message: Message.StringInterpolation) {
    self.init(Message(stringInterpolation: message))
  }
}
