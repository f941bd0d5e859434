internal import Glibc

/// Many strings in one array, each ended by a zero and known by where it begins: no object, and no
/// length beside it.
struct StringPool: Sendable {
  typealias Position = Int

  private var bytes: [UInt8] = []

  /// - Parameter text: without zeros, which no path has.
  mutating func add(_ text: String) -> Position {
    let position = bytes.count
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    return position
  }

  subscript(position: Position) -> String {
    withString(at: position) { String(cString: $0) }
  }

  /// Where the one begins that was added next.
  func position(after position: Position) -> Position {
    position + withString(at: position) { strlen($0) } + 1
  }

  /// Hands out one that ends at the first zero.
  func withString<Result>(
    at position: Position, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      // The last byte is a zero: no string goes on behind the end.
      bytes[position...].withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}
