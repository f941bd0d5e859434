/// The kind of an option's or operand's value. The parser rejects other values, and the completions
/// offer matching ones.
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

  /// Whether the value is one of a few words.
  var isWords: Bool {
    if case .words = self { true } else { false }
  }
}

/// The placeholder of a value, such as `PATH`, and its kind.
package struct Value: Sendable {
  /// The form in which a caller from another host gives the content of a file.
  package enum RemoteForm: Sendable {
    /// `-`, which stands for standard input or output.
    case stream
    /// `base64:TEXT`, which contains the content.
    case inline
  }

  package let placeholder: String
  package let kind: ValueKind
  /// The remote form of a file; nil if a caller from another host can't give it at all.
  package let remoteForm: RemoteForm?

  package init(_ placeholder: String, _ kind: ValueKind = .text, remote: RemoteForm? = nil) {
    self.placeholder = placeholder
    self.kind = kind
    remoteForm = remote
  }

  /// Returns a value that is one of a few words, with a placeholder such as `good|bad`.
  package static func words(_ words: [String]) -> Value {
    Value(words.joined(separator: "|"), .words(words))
  }
}
