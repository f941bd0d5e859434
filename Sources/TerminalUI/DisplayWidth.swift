// The columns of a table are only aligned if its texts are measured as a terminal shows them: a Chinese
// character takes two columns, and an accent that is a character of its own takes none.

extension StringProtocol {
  /// The width of the text on a terminal, in columns.
  var displayWidth: Int {
    // This is the common case, and a list may have a thousand rows.
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.displayWidth }
  }

  /// Returns the longest beginning that fits the width, but at least one character. Letters keep their
  /// combining marks.
  func beginning(ofWidth width: Int) -> SubSequence {
    var end = startIndex
    var used = 0
    while end < endIndex {
      let next = index(after: end)
      used += self[end..<next].displayWidth
      if used > width && end > startIndex { break }
      end = next
    }
    return self[..<end]
  }

  /// Returns the text; if it is too wide, its beginning with the ellipsis at the end.
  func cut(toWidth width: Int, _ ellipsis: String) -> String {
    displayWidth <= width
      ? String(self) : beginning(ofWidth: width - ellipsis.displayWidth) + ellipsis
  }
}

extension Unicode.Scalar {
  /// The width in columns, as wcwidth(3) returns it, but independent of the locale.
  fileprivate var displayWidth: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch value {
    case 0x1160...0x11FF: return 0  // The second and third letter of a Korean syllable.
    case 0x1F1E6...0x1F1FF: return 1  // Two of them are one flag.
    default: return isWide || properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// Whether the character is in a block that is wide or fullwidth according to East Asian Width
  /// (Unicode annex 11).
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x1F300...0x1F64F,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    case 0x2329, 0x232A: true
    default: false
    }
  }
}
