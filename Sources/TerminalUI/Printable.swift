package import Text

// What the boundary lets through may still be more than a terminal can show.

extension Style {
  /// Returns a message as this stream can show it.
  package func printable(_ message: Message) -> String { printable(message.text) }

  /// Returns the text with question marks in place of everything that could control a terminal or make
  /// the text look like another one: control characters, and marks that change the writing direction.
  ///
  /// On a terminal that only shows ASCII, every other character is replaced too, because such a
  /// terminal may take a byte over 127 for a control character.
  func printable(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
    let isASCIIOnly = columns != nil && !isUnicode
    var safe = String.UnicodeScalarView()
    for character in text {
      if isASCIIOnly && !character.isASCII {
        safe.append("?")
      } else {
        safe.append(contentsOf: character.unicodeScalars.map { $0.isUnprintable ? "?" : $0 })
      }
    }
    return String(safe)
  }
}

/// Returns a JSON document with escapes in place of everything that could control a terminal, and in the
/// commands that the log of a workflow could obey, such as `##[error]` in a ref. JSON itself only
/// requires escapes for the first 32 characters.
package func printableJSON(_ document: String) -> String {
  if document.utf8.allSatisfy({ $0 < 0x7F }), !mayCommandLog(document) { return document }
  var safe = String.UnicodeScalarView()
  var previous: Unicode.Scalar?
  for scalar in document.unicodeScalars {
    defer { previous = scalar }
    // Outside of strings, JSON has neither of them twice.
    let isCommand = scalar == previous && (scalar == "#" || scalar == ":")
    if scalar.isUnprintable || isCommand {
      for unit in Character(scalar).utf16 {
        let digits = String(unit, radix: 16)
        safe.append(
          contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)"
            .unicodeScalars)
      }
    } else {
      safe.append(scalar)
    }
  }
  return String(safe)
}

/// Whether a document has a pair of characters with which a command to the log of a workflow begins.
private func mayCommandLog(_ document: String) -> Bool {
  zip(document.utf8, document.utf8.dropFirst()).contains {
    $0 == $1 && ($0 == UInt8(ascii: "#") || $0 == UInt8(ascii: ":"))
  }
}
