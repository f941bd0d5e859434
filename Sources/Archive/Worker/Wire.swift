/// Numbers and texts as bytes, for the pipe between the two processes of one binary.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: Int64(truncatingIfNeeded: number).littleEndian) { bytes += $0 }
  }

  mutating func put(_ text: String) { put(Array(text.utf8)) }

  mutating func put(_ content: [UInt8]) {
    put(content.count)
    bytes += content
  }

  mutating func put(_ texts: [String]) {
    put(texts.count)
    for text in texts { put(text) }
  }
}

/// Takes such bytes apart. Believes nothing: the other process may have been taken over.
struct WireReader {
  /// What is left.
  private(set) var rest: ArraySlice<UInt8>
  /// Something was cut off or can't be.
  private(set) var isBroken = false

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// All was there, and no more.
  var isComplete: Bool { !isBroken && rest.isEmpty }

  mutating func number() -> Int64 {
    guard rest.count >= 8 else {
      isBroken = true
      return 0
    }
    defer { rest = rest.dropFirst(8) }
    return Int64(bitPattern: rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  mutating func number<Number: FixedWidthInteger>(as type: Number.Type) -> Number {
    guard let number = Number(exactly: number()) else {
      isBroken = true
      return 0
    }
    return number
  }

  mutating func content() -> [UInt8] {
    let count = number()
    guard !isBroken, count >= 0, count <= rest.count else {
      isBroken = true
      return []
    }
    defer { rest = rest.dropFirst(Int(count)) }
    return Array(rest.prefix(Int(count)))
  }

  mutating func text() -> String {
    guard let text = String(validating: content(), as: UTF8.self) else {
      isBroken = true
      return ""
    }
    return text
  }

  mutating func digest() -> Digest {
    guard let digest = Digest(hex: text()) else {
      isBroken = true
      return SHA256.digest(of: [])
    }
    return digest
  }

  mutating func texts() -> [String] {
    let count = number()
    var texts: [String] = []
    while !isBroken, Int64(texts.count) < count { texts.append(text()) }
    return texts
  }
}
