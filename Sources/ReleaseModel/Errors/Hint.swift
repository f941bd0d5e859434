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

  /// Makes a hint with the command of another one.
  package init(_ text: Message, _ command: Command?) {
    self.text = text
    self.command = command
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

  /// Returns the command as a line that the reader can run.
  ///
  /// - Parameter reader: who reads the hint.
  /// - Returns: nil when the hint has no command, or none that the reader may run.
  package func command(for reader: HintReader) -> String? {
    guard let command, case .command(let line) = reader.rendering(of: command) else { return nil }
    return line
  }

  /// Returns the sentence without the command. For a command that the reader may not run, it says who
  /// can run it.
  ///
  /// - Parameter reader: who reads the hint.
  /// - Returns: the sentence, without a final period.
  package func sentence(for reader: HintReader) -> Message {
    guard let command, case .forOperator(let line) = reader.rendering(of: command) else {
      return text
    }
    return "\(text): ask an operator to run on the host: \(verbatim: line)"
  }

  /// Returns the sentence and the command on one line, as in the JSON output.
  ///
  /// - Parameter reader: who reads the hint.
  /// - Returns: the sentence, and the command after a colon.
  package func line(for reader: HintReader) -> Message {
    let sentence = sentence(for: reader)
    return command(for: reader).map { "\(sentence): \(verbatim: $0)" } ?? sentence
  }
}

extension Hint {
  /// How to end a freeze.
  package static let thaw = Hint("allow switches again", command: ["thaw"])

  /// Makes the hint for a live release whose directory is missing.
  ///
  /// - Parameter releases: the path of the directory of the releases.
  package init(forMissingLiveIn releases: String) {
    self.init(
      "if it is on a disk that is not mounted, mount it; see what is there",
      shell: "findmnt -T \(releases.shellWord)")
  }

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
