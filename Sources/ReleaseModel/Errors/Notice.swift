/// A warning or a problem for the operator, and what to do about it.
package struct Notice: Equatable, Sendable {
  /// One sentence; lower case, without a final period.
  package let message: String
  package let hint: Hint?

  package init(_ message: String, hint: Hint? = nil) {
    self.message = message
    self.hint = hint
  }

  /// Makes an error one that does not stop the command.
  package init(_ error: ReleasesError) { self.init(error.line, hint: error.hint) }

  /// Returns the message and the hint on one line.
  ///
  /// - Parameter store: the store to name with `--store`; nil where the default is meant.
  package func line(store: String?) -> String {
    hint.map { "\(message); \($0.line(store: store))" } ?? message
  }
}

extension Notice: ExpressibleByStringInterpolation {
  package init(stringLiteral message: String) { self.init(message) }
}
