internal import Linux

/// The last lines of what a program prints, in bounded memory.
struct OutputTail {
  private static let lineCount = 20
  /// Of one line, in bytes; the rest of it is left out.
  private static let lineLength = 500

  private var whole: [[UInt8]] = []
  private var last: [UInt8] = []

  /// Legible, without empty lines at the end.
  var lines: [String] {
    (whole + (last.isEmpty ? [] : [last])).suffix(Self.lineCount).map(legible)
  }

  mutating func append(_ bytes: [UInt8]) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        whole.append(last)
        last = []
        if whole.count > Self.lineCount * 2 { whole.removeFirst(Self.lineCount) }
      } else if last.count < Self.lineLength {
        last.append(byte)
      }
    }
  }
}

/// Bytes of another program as a line of text: no control characters, no invalid UTF-8.
func legible(_ bytes: some Sequence<UInt8>) -> String {
  let text = String(decoding: Array(bytes), as: UTF8.self)
  var legible = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control where scalar == "\t": legible.append(" ")
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: continue
    default: legible.append(scalar)
    }
  }
  return String(legible)
}
