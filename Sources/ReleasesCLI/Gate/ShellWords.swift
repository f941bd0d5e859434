internal import CommandLineKit
internal import ReleaseModel

/// Takes a command line apart as a POSIX shell would (XCU 2.2), without one: what a shell would
/// expand, redirect or run is refused, never passed on as it stands.
enum ShellWords {
  /// In bytes.
  static let lengthLimit = 16 << 10

  /// Throws `notAllowed`.
  static func split(_ line: String) throws(ReleasesError) -> [String] {
    guard line.utf8.count <= lengthLimit else {
      throw ShellWords.refusal("the command line is longer than \(lengthLimit) bytes")
    }
    var reading = Reading(rest: line.unicodeScalars[...])
    while let next = reading.rest.first {
      switch next {
      case " ", "\t": reading.endWord()
      default: try reading.take(next)
      }
      reading.rest.removeFirst()
    }
    reading.endWord()
    return reading.words
  }

  fileprivate static func refusal(_ message: String) -> ReleasesError {
    ReleasesError(
      .notAllowed, message,
      hint: "no shell reads it: write one command, and put quotes around odd words")
  }

  private struct Reading {
    var rest: Substring.UnicodeScalarView
    var words: [String] = []
    /// Nil between two words: quotes make a word even of nothing.
    var word: String.UnicodeScalarView?

    mutating func endWord() {
      if let word { words.append(String(word)) }
      word = nil
    }

    /// Takes what begins with `scalar`, and leaves its last character for the caller to drop.
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
        throw ShellWords.refusal("\(scalar) means something to a shell, and there is none")
      case "#" where word == nil, "~" where word == nil:
        throw ShellWords.refusal("a word that begins with \(scalar) means something to a shell")
      default: try append(scalar)
      }
    }

    private mutating func takeQuoted(_ quote: Unicode.Scalar) throws(ReleasesError) {
      word = word ?? .init()
      rest.removeFirst()
      while let next = rest.first, next != quote {
        if quote == "\"" {
          if next == "$" || next == "`" {
            throw ShellWords.refusal("\(next) in double quotes means something to a shell")
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

    private mutating func append(_ scalar: Unicode.Scalar) throws(ReleasesError) {
      guard scalar.properties.generalCategory != .control else {
        throw ShellWords.refusal("the command line holds a control character")
      }
      word = word ?? .init()
      word?.append(scalar)
    }
  }
}
