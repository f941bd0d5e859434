internal import ReleaseModel
internal import Text

/// Splits a command line into arguments by the quoting rules of the POSIX shell (XCU 2.2), without a
/// shell. Everything that a shell would expand, redirect or run is refused. Line ends at the end of
/// the line, which some clients add, mean nothing, as in a shell.
enum ShellWords {
  /// The maximum length of a command line, in bytes.
  static let lengthLimit = 16 << 10

  /// Returns the arguments of a command line.
  ///
  /// - Throws: `notAllowed` for a line that is too long, has unbalanced quotes, or has a meaning to a
  ///   shell beyond its arguments.
  static func split(_ line: String) throws(ReleasesError) -> [String] {
    guard line.utf8.count <= lengthLimit else {
      throw ShellWords.refusal("the command line is longer than \(lengthLimit) bytes")
    }
    var scalars = line.unicodeScalars[...]
    while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
    var reading = Reading(rest: scalars)
    while let next = reading.rest.first {
      switch next {
      case " ", "\t": reading.endWord()
      default: try reading.take(next)
      }
      reading.rest.removeFirst()
    }
    reading.endWord()
    return reading.arguments
  }

  fileprivate static func refusal(_ message: Message) -> ReleasesError {
    ReleasesError(
      .notAllowed, message,
      hint: "no shell reads the command line; send one command, and quote special characters")
  }

  private struct Reading {
    var rest: Substring.UnicodeScalarView
    var arguments: [String] = []
    /// The current word; nil between two words. A pair of quotes makes an empty word.
    var word: String.UnicodeScalarView?

    mutating func endWord() {
      if let word { arguments.append(String(word)) }
      word = nil
    }

    /// Reads a character, an escaped character or a quoted text, except for its last character, which
    /// the caller removes.
    ///
    /// - Throws: `notAllowed`; see ``ShellWords/split(_:)``.
    mutating func take(_ scalar: Unicode.Scalar) throws(ReleasesError) {
      switch scalar {
      case "'": try takeQuoted("'")
      case "\"": try takeQuoted("\"")
      case "\\":
        rest.removeFirst()
        guard let escaped = rest.first else {
          throw ShellWords.refusal("the command line ends with \\")
        }
        try append(escaped)
      case "|", "&", ";", "<", ">", "(", ")", "$", "`", "*", "?", "[":
        throw ShellWords.refusal(
          "the command line contains \(scalar), which only a shell understands")
      case "#" where word == nil, "~" where word == nil:
        throw ShellWords.refusal("a word begins with \(scalar), which only a shell understands")
      default: try append(scalar)
      }
    }

    /// Reads a quoted text, except for its closing quote.
    ///
    /// - Throws: `notAllowed`; see ``ShellWords/split(_:)``.
    private mutating func takeQuoted(_ quote: Unicode.Scalar) throws(ReleasesError) {
      word = word ?? .init()
      rest.removeFirst()
      while let next = rest.first, next != quote {
        if quote == "\"" {
          if next == "$" || next == "`" {
            throw ShellWords.refusal(
              "double quotes contain \(next), which only a shell understands")
          }
          let second = rest.dropFirst().first
          if next == "\\", let second, ["\"", "\\", "$", "`"].contains(second) {
            rest.removeFirst()
          }
        }
        try append(rest.first ?? next)
        rest.removeFirst()
      }
      guard !rest.isEmpty else { throw ShellWords.refusal("a quote \(quote) is not closed") }
    }

    /// Adds a character to the current word.
    ///
    /// - Throws: `notAllowed` for a control character.
    private mutating func append(_ scalar: Unicode.Scalar) throws(ReleasesError) {
      guard scalar.properties.generalCategory != .control else {
        throw ShellWords.refusal("the command line contains a control character")
      }
      word = word ?? .init()
      word?.append(scalar)
    }
  }
}
