internal import Glibc

/// Many strings in one array. Each ends with a zero byte and is identified by its position, so that
/// it needs no allocation and no stored length.
struct StringPool: Sendable {
  typealias Position = Int

  private var bytes: [UInt8] = []

  /// Appends a string and returns its position. The string must not contain zero bytes; paths never
  /// do.
  mutating func add(_ text: String) -> Position {
    let position = bytes.count
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    return position
  }

  subscript(position: Position) -> String {
    withString(at: position) { String(cString: $0) }
  }

  /// Returns the position of the string that was added after another one.
  func position(after position: Position) -> Position {
    position + withString(at: position) { strlen($0) } + 1
  }

  /// Passes a string to `body` as a C string.
  func withString<Result>(
    at position: Position, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      // The last byte is zero, so no string continues beyond the end.
      bytes[position...].withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}
