internal import TerminalUI
internal import Text

/// The HTML of a page. Only string literals and other HTML are markup; every other value that is
/// interpolated is escaped, after it has passed the boundary as a ``Message``.
struct HTML: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral markup: String) { text = markup }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  static func + (one: HTML, other: HTML) -> HTML {
    var sum = one
    sum.text += other.text
    return sum
  }

  /// Collects literals and HTML unchanged, and escapes strings.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity * 2)
    }

    mutating func appendLiteral(_ markup: String) { text += markup }
    mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
    mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
    mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// Adds free text.
    mutating func appendInterpolation(_ plain: String) { appendInterpolation(Message(plain)) }

    /// Adds an identifier.
    mutating func appendInterpolation(verbatim identifier: String) {
      appendInterpolation(Message(verbatim: identifier))
    }

    mutating func appendInterpolation(_ message: Message) {
      for scalar in Style.plain.printable(message).unicodeScalars {
        switch scalar {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        case "\"": text += "&quot;"
        case "'": text += "&#39;"
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
  }
}
