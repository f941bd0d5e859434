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
  /// How a file's content can be given without naming a file of the host.
  enum RemoteForm: Sendable {
    /// `-`, standard input or output.
    case stream
    /// `base64:TEXT`.
    case inline
  }

  let placeholder: String
  let kind: ValueKind
  /// Of a file or directory; nil where those who come through the gate can't give it at all.
  let remoteForm: RemoteForm?

  init(_ placeholder: String, _ kind: ValueKind = .text, remote: RemoteForm? = nil) {
    self.placeholder = placeholder
    self.kind = kind
    remoteForm = remote
  }

  /// One of a few words, shown as `good|bad`.
  static func words(_ words: [String]) -> Value {
    Value(words.joined(separator: "|"), .words(words))
  }

  /// The same, of the words of a type. Every command makes these when it starts, and a key path
  /// would take as long as all else.
  static func words<Word: CaseIterable & RawRepresentable<String>>(of _: Word.Type) -> Value {
    words(Word.allCases.map { $0.rawValue })
  }
}
