internal import Text

/// Text of unknown origin (references, reasons, names of files) is shown, never obeyed.
extension Style {
  /// The text with everything replaced that a terminal could take as a command, or that makes it
  /// look like another text: control characters, and marks that turn the direction of writing.
  /// Where only ASCII can be shown the rest goes too: of a byte over 127, such a terminal may make
  /// a control character again.
  package func printable(_ text: String) -> String {
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

/// JSON whose texts hold no character a terminal could obey. JSON's own rules let everything but
/// the first 32 stand as it is.
package func printableJSON(_ document: String) -> String {
  if document.utf8.allSatisfy({ $0 < 0x7F }) { return document }
  var safe = String.UnicodeScalarView()
  for scalar in document.unicodeScalars {
    if scalar.isUnprintable {
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
