/// What an option's value or an operand can be. The parser refuses what does not fit, and the
/// completions offer what does.
enum ValueKind: Sendable, Equatable {
  /// Anything but the empty text.
  case text
  /// A whole number, zero or more.
  case number
  case file
  case directory
  /// The id of a release in the store.
  case releases
  /// The name of a command.
  case commands
  /// One of these words.
  case words([String])

  var isWords: Bool {
    if case .words = self { true } else { false }
  }
}

/// A value as it is shown, such as `PATH`, and what it can be.
struct Value: Sendable {
  let placeholder: String
  let kind: ValueKind

  init(_ placeholder: String, _ kind: ValueKind = .text) {
    self.placeholder = placeholder
    self.kind = kind
  }

  /// One of a few words, shown as `good|bad`.
  static func words(_ words: [String]) -> Value {
    Value(words.joined(separator: "|"), .words(words))
  }
}
