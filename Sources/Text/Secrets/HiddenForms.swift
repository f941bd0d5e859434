/// A line as a person reads it, with the place of each of its bytes in the line as it is written.
struct SecretView {
  private(set) var bytes: [UInt8] = []
  private var starts: [Int] = []
  private var ends: [Int] = []

  fileprivate init(capacity: Int) {
    bytes.reserveCapacity(capacity)
    starts.reserveCapacity(capacity)
    ends.reserveCapacity(capacity)
  }

  fileprivate mutating func append(_ byte: UInt8, _ start: Int, _ length: Int) {
    bytes.append(byte)
    starts.append(start)
    ends.append(start + length)
  }

  /// Returns where a part of the view is in the line as it is written.
  func original(_ range: Range<Int>) -> Range<Int> {
    range.isEmpty ? 0..<0 : starts[range.lowerBound]..<ends[range.upperBound - 1]
  }
}

/// Forms in which a secret looks different to a person and to a program.
enum HiddenForms {
  /// Returns a line without terminal sequences and characters of no width, in which full-width
  /// characters and typographic quotes are replaced by those of ASCII; nil when it has none.
  static func visible(_ line: [UInt8]) -> SecretView? {
    visible(line, withoutControls: false)
  }

  /// Returns the same without control characters, which may split a secret: a terminal, or the reader of
  /// a log, does not show them; nil when the line has none.
  static func joined(_ line: [UInt8]) -> SecretView? {
    guard line.contains(where: isControl) else { return nil }
    return visible(line, withoutControls: true)
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != 0x1B && byte != UInt8(ascii: "\t")) || byte == 0x7F
  }

  private static func visible(_ line: [UInt8], withoutControls: Bool) -> SecretView? {
    guard
      withoutControls
        || line.contains(where: { $0 == 0x1B || $0 >= 0x80 || $0 == UInt8(ascii: "[") })
    else {
      return nil
    }
    var view = SecretView(capacity: line.count)
    var index = 0
    while index < line.count {
      let hidden = hiddenLength(line, index)
      if hidden > 0 {
        index += hidden
      } else if withoutControls, isControl(line[index]) {
        index += 1
      } else if let (byte, length) = narrow(line, index) {
        view.append(byte, index, length)
        index += length
      } else {
        view.append(line[index], index, 1)
        index += 1
      }
    }
    return view.bytes == line ? nil : view
  }

  /// Returns the ASCII character that a wide one stands for, and the length of the wide one.
  private static func narrow(_ line: [UInt8], _ index: Int) -> (UInt8, Int)? {
    if line[index] == 0xC2, index + 1 < line.count, line[index + 1] == 0xA0 { return (0x20, 2) }
    guard line[index] == 0xEF || line[index] == 0xE3 || line[index] == 0xE2, index + 2 < line.count
    else { return nil }
    let third = line[index + 2]
    switch (line[index], line[index + 1], third) {
    case (0xEF, 0xBC, 0x81...0xBF): return (third - 0x81 + 0x21, 3)
    case (0xEF, 0xBD, 0x80...0x9E): return (third - 0x80 + 0x60, 3)
    case (0xEF, 0xB9, 0x95): return (UInt8(ascii: ":"), 3)
    case (0xEF, 0xB9, 0xA6): return (UInt8(ascii: "="), 3)
    case (0xE3, 0x80, 0x80): return (0x20, 3)
    case (0xE3, 0x80, 0x8C...0x8F): return (UInt8(ascii: "\""), 3)
    case (0xE3, 0x80, 0x90): return (UInt8(ascii: "["), 3)
    case (0xE3, 0x80, 0x91): return (UInt8(ascii: "]"), 3)
    case (0xE2, 0x80, 0x9C...0x9D): return (UInt8(ascii: "\""), 3)
    case (0xE2, 0x80, 0x98...0x99): return (UInt8(ascii: "'"), 3)
    case (0xE2, 0x80, 0x80...0x8A): return (0x20, 3)
    default: return nil
    }
  }

  /// Terminal sequences as other programs write them down.
  private static let escapes = [
    "\\u001b", "\\u001B", "\\x1b", "\\x1B", "\\033", "\\e", "^[", "#033",
  ]
  .map { Array($0.utf8) }

  /// Returns the length of what is invisible at a position; 0 when a character is there.
  private static func hiddenLength(_ line: [UInt8], _ index: Int) -> Int {
    switch line[index] {
    case 0x1B: return endOfSequence(line, index + 1) - index
    case UInt8(ascii: "["):
      // What is left of a color when another program has removed the control character.
      let numbers = line[(index + 1)...].prefix(10).prefix { $0.isDigit || $0 == UInt8(ascii: ";") }
      let end = numbers.endIndex
      return !numbers.isEmpty && end < line.count && line[end] == UInt8(ascii: "m")
        ? end + 1 - index : 0
    case UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "#"):
      for escape in escapes where line[index...].starts(with: escape) {
        let next = index + escape.count
        let end = endOfSequence(line, next)
        if next < line.count, line[next] == UInt8(ascii: "["), end > next + 1 { return end - index }
      }
      return 0
    case 0xC2: return index + 1 < line.count && line[index + 1] == 0xAD ? 2 : 0
    case 0xE2, 0xEF:
      guard index + 2 < line.count else { return 0 }
      return switch (line[index], line[index + 1], line[index + 2]) {
      case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xA0...0xAF),
        (0xEF, 0xBB, 0xBF):
        3
      default: 0
      }
    default: return 0
    }
  }

  /// Finds the end of a control sequence or a command, see ECMA-48.
  private static func endOfSequence(_ line: [UInt8], _ start: Int) -> Int {
    guard start < line.count else { return start }
    switch line[start] {
    case UInt8(ascii: "["):
      let parameters = line[(start + 1)...].prefix(64).prefix { (0x20...0x3F).contains($0) }
      let end = parameters.endIndex
      return end < line.count && (0x40...0x7E).contains(line[end]) ? end + 1 : end
    case UInt8(ascii: "]"):
      let text = line[start...].prefix(128)
      guard let end = text.firstIndex(where: { $0 == 0x07 || $0 == 0x1B }) else { return start + 1 }
      return line[end] == 0x1B && end + 1 < line.count && line[end + 1] == 0x5C ? end + 2 : end + 1
    case UInt8(ascii: "("), UInt8(ascii: ")"): return min(start + 2, line.count)
    default: return start
    }
  }

  /// Returns a line in which escaped characters of URLs, JSON and HTML are replaced by the
  /// characters; nil when it has none.
  static func decoded(_ line: [UInt8]) -> SecretView? {
    guard line.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "&") || $0 == 0x5C })
    else { return nil }
    var view = SecretView(capacity: line.count)
    var index = 0
    while index < line.count {
      if let (byte, length) = EscapedCharacters.character(in: line, at: index) {
        view.append(byte, index, length)
        index += length
      } else {
        view.append(line[index], index, 1)
        index += 1
      }
    }
    return view.bytes.count == line.count ? nil : view
  }
}
