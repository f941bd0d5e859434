/// What the value of an option or an operand can be. The parser rejects what does not fit, and the
/// completions offer what does.
package enum ValueKind: Sendable, Equatable {
  /// Any text that is not empty.
  case text
  /// A whole number, zero or more.
  case number
  case file
  case directory
  /// A word that the program lists with `list --quiet`.
  case listed
  /// The name of a command.
  case commands
  /// One of these words.
  case words([String])

  package var isWords: Bool {
    if case .words = self { true } else { false }
  }
}

/// A value as it is shown, such as `PATH`, and what it can be.
package struct Value: Sendable {
  /// How the content of a file is given without naming a file of the host.
  package enum RemoteForm: Sendable {
    /// `-`, standard input or output.
    case stream
    /// `base64:TEXT`.
    case inline
  }

  package let placeholder: String
  package let kind: ValueKind
  /// For a file or directory; nil where callers from outside the host can't give it at all.
  package let remoteForm: RemoteForm?

  package init(_ placeholder: String, _ kind: ValueKind = .text, remote: RemoteForm? = nil) {
    self.placeholder = placeholder
    self.kind = kind
    remoteForm = remote
  }

  /// One of a few words, shown as `good|bad`.
  package static func words(_ words: [String]) -> Value {
    Value(words.joined(separator: "|"), .words(words))
  }
}
