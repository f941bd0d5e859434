/// Encodes numbers and texts for the pipe between the two processes of the same binary.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: Int64(truncatingIfNeeded: number).littleEndian) {
      bytes.append(contentsOf: $0)
    }
  }

  mutating func put(_ text: String) {
    var text = text
    text.withUTF8 {
      put($0.count)
      bytes.append(contentsOf: $0)
    }
  }

  mutating func put(_ texts: [String]) {
    put(texts.count)
    for text in texts { put(text) }
  }

  mutating func put(_ digest: Digest) { digest.withBytes { bytes.append(contentsOf: $0) } }

  /// Adds what `body` adds, preceded by its length.
  mutating func putFramed(_ body: (inout WireWriter) -> Void) {
    let start = bytes.count
    put(0)
    body(&self)
    let length = Int64(bytes.count - start - MemoryLayout<Int64>.size).littleEndian
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: length, toByteOffset: start, as: Int64.self)
    }
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// Decodes the bytes of ``WireWriter``. It trusts nothing, since the other process may be
/// compromised.
struct WireReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  /// Whether something was truncated or invalid.
  private(set) var isBroken = false

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Whether all bytes were read and all of them were valid.
  var isComplete: Bool { !isBroken && position == bytes.endIndex }

  mutating func number() -> Int64 {
    let field = take(MemoryLayout<Int64>.size)
    if field.isEmpty { return 0 }
    return Int64(littleEndian: field.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })
  }

  mutating func number<Number: FixedWidthInteger>(as type: Number.Type) -> Number {
    guard let number = Number(exactly: number()) else {
      isBroken = true
      return 0
    }
    return number
  }

  mutating func text() -> String {
    guard let text = String(validating: take(number()), as: UTF8.self) else {
      isBroken = true
      return ""
    }
    return text
  }

  mutating func digest() -> Digest {
    let field = take(Digest.size)
    return field.isEmpty ? Digest() : field.withUnsafeBytes { Digest($0) }
  }

  mutating func texts() -> [String] {
    let count = number()
    var texts: [String] = []
    while !isBroken, Int64(texts.count) < count { texts.append(text()) }
    return texts
  }

  /// Takes a number of bytes; none when there are fewer.
  private mutating func take(_ count: some FixedWidthInteger) -> ArraySlice<UInt8> {
    guard !isBroken, count >= 0, count <= bytes.endIndex - position else {
      isBroken = true
      return []
    }
    defer { position += Int(count) }
    return bytes[position..<position + Int(count)]
  }
}
