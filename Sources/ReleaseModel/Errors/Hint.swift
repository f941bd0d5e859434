package import Text

/// A hint tells the operator what to do next: a sentence and, if possible, the command to run.
///
/// A command of this tool is stored as a list of arguments, so that the output can add `--store`.
package struct Hint: Equatable, Sendable {
  /// A command that can be pasted into a shell.
  package enum Command: Equatable, Sendable {
    /// The arguments of `releases`, such as `["activate", "1762147685"]`.
    case releases([String])
    /// A line for a shell.
    case shell(String)
  }

  /// The sentence; lower case, without a final period.
  package let text: Message
  package let command: Command?

  package init(_ text: Message) {
    self.text = text
    command = nil
  }

  /// Makes a hint with a command of this tool.
  ///
  /// - Parameters:
  ///   - text: what the command is for.
  ///   - command: the arguments of `releases`, without `--store`.
  package init(_ text: Message, command: [String]) {
    self.text = text
    self.command = .releases(command)
  }

  /// Makes a hint with a command of another program.
  ///
  /// - Parameters:
  ///   - text: what the command is for.
  ///   - shell: a complete line for a shell.
  package init(_ text: Message, shell: String) {
    self.text = text
    command = .shell(shell)
  }

  /// Returns the command as a line for a shell.
  ///
  /// - Parameter store: the store to name with `--store`; nil for the default store.
  /// - Returns: nil when the hint has no command.
  package func command(store: String?) -> String? {
    switch command {
    case .releases(let arguments):
      let option = store.map { ["--store", $0.shellWord] } ?? []
      return (["releases"] + option + arguments.map(\.shellWord)).joined(separator: " ")
    case .shell(let line): return line
    case nil: return nil
    }
  }

  /// Returns the sentence and the command on one line, as in the JSON output.
  ///
  /// - Parameter store: the store to name with `--store`; nil for the default store.
  /// - Returns: the sentence, and the command after a colon.
  package func line(store: String?) -> Message {
    command(store: store).map { "\(text): \(verbatim: $0)" } ?? text
  }
}

extension Hint {
  /// How to end a freeze.
  package static let thaw = Hint("allow switches again", command: ["thaw"])

  /// Makes the hint for a file system without space: the prune that frees the most, as a dry run.
  package init(toFreeSpace text: Message) {
    self.init(text, command: ["prune", "--dry-run", "--keep", "1", "--keep-within", "0d"])
  }
}

extension Hint: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(Message(text)) }

  package init(stringInterpolation text: Message.StringInterpolation) {
    self.init(Message(stringInterpolation: text))
  }
}

extension String {
  /// The text as one word of a shell, quoted only if necessary.
  package var shellWord: String {
    let isPlain =
      !isEmpty
      && unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "/._-+@,:=%".unicodeScalars.contains($0)
      }
    return isPlain ? self : shellQuoted
  }
}
