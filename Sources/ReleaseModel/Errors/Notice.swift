internal import Text

/// A notice is a warning or a problem for the operator, with a hint on what to do about it.
package struct Notice: Equatable, Sendable {
  /// The message: one sentence in lower case, without a final period.
  package let message: String
  package let hint: Hint?

  /// Makes a notice. Secrets in its message are masked.
  package init(_ message: String, hint: Hint? = nil) {
    self.message = Secrets.masked(message)
    self.hint = hint
  }

  /// Turns an error into a notice, for a command that continues in spite of it.
  package init(_ error: ReleasesError) { self.init(error.line, hint: error.hint) }

  /// Returns the message and the hint on one line.
  ///
  /// - Parameter store: the store to name with `--store`; nil for the default store.
  /// - Returns: the message, and the hint after a semicolon.
  package func line(store: String?) -> String {
    hint.map { "\(message); \($0.line(store: store))" } ?? message
  }
}

extension Notice: ExpressibleByStringInterpolation {
  package init(stringLiteral message: String) { self.init(message) }
}
