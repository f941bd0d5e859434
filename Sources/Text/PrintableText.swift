extension Unicode.Scalar {
  /// A terminal could take it as a command, or it makes a text look like another: control
  /// characters, and marks that turn the direction of writing.
  @inlinable package var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}

/// What other programs said, on one line for people: what can't be printed becomes a question mark.
///
/// - Parameter limit: in bytes; the rest is left out.
@inlinable
package func printable(_ bytes: some Collection<UInt8>, limit: Int = 500) -> String {
  var text = String.UnicodeScalarView()
  var length = 0
  for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
    let safe = scalar.isUnprintable ? "?" : scalar
    length += UTF8.width(safe)
    if length > limit { break }
    text.append(safe)
  }
  return String(text)
}

/// A text fit for one line of a message: control characters escaped, and not too much of it.
package func excerpt(_ text: String) -> String {
  let limit = 60
  var line = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      line += scalar.escaped(asASCII: true)
    default: line.unicodeScalars.append(scalar)
    }
  }
  return text.unicodeScalars.count > limit ? line + "…" : line
}
