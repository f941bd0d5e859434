extension Unicode.Scalar {
  /// Whether printing the character could control a terminal or disguise a text: control
  /// characters, and marks that change the direction of writing.
  @inlinable package var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}

/// Returns text from another program as one printable line. Each unprintable character becomes a
/// question mark.
///
/// - Parameters:
///   - bytes: the text; bytes that are not UTF-8 become replacement characters.
///   - limit: the length of the result in bytes; anything longer is truncated.
/// - Returns: the printable line.
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

/// Returns what a program printed as one printable line: white space at its end is dropped, and line
/// ends and tabs within it become spaces. Each other unprintable character becomes a question mark.
///
/// - Parameter bytes: the output; bytes that are not UTF-8 become replacement characters.
/// - Returns: the printable line, of at most 500 bytes.
package func printableLine(_ bytes: some Collection<UInt8>) -> String {
  let (space, layout) = (UInt8(ascii: " "), UInt8(ascii: "\t")...UInt8(ascii: "\r"))
  var line = bytes.map { layout.contains($0) ? space : $0 }
  while line.last == space { line.removeLast() }
  return printable(line)
}

/// Returns the first 60 characters of a text with control characters escaped and secrets masked, to
/// quote it in a message.
package func excerpt(_ text: String) -> String {
  let limit = 60
  // The masking sees more than is quoted, since the end of a secret may tell what it is.
  let text = Secrets.masked(String(text.unicodeScalars.prefix(4096)))
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
