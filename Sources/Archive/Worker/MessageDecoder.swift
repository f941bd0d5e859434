internal import Linux

/// Splits a stream of bytes into messages.
struct MessageDecoder {
  enum Next {
    case message(WorkerMessage)
    case invalid
  }

  private var bytes: [UInt8] = []
  private var position = 0
  private var chunk = [UInt8](repeating: 0, count: 256 << 10)

  /// Reads from a pipe. Returns false at its end.
  ///
  /// - Throws: `SystemError` if read(2) fails.
  mutating func fill(from pipe: borrowing Descriptor) throws(SystemError) -> Bool {
    bytes.removeFirst(position)
    position = 0
    let got = try pipe.read(into: &chunk)
    bytes += chunk[..<got]
    return got > 0
  }

  /// Appends bytes that were read elsewhere.
  mutating func add(_ more: [UInt8]) { bytes += more }

  /// Returns the next message; nil when it is not complete yet.
  mutating func next() -> Next? {
    let rest = bytes[position...]
    guard let length = rest.number(at: 0, 8) else { return rest.count < 8 ? nil : .invalid }
    guard length >= 0, length <= WorkerMessage.lengthLimit else { return .invalid }
    guard rest.count >= 8 + Int(length) else { return nil }
    let body = rest.dropFirst(8).prefix(Int(length))
    position += 8 + Int(length)
    return WorkerMessage(decoding: body).map(Next.message) ?? .invalid
  }
}
