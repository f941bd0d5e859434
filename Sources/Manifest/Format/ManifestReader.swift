internal import Archive
internal import Linux

/// Takes a manifest apart piece by piece: never all of its text is in memory.
package struct ManifestReader {
  private var cutter = ManifestCutter()
  private var entries = TreeEntries()
  private var isValid = true

  package init() {}

  package mutating func take(_ text: UnsafeRawBufferPointer) {
    for piece in cutter.take(text) { read(piece) }
  }

  private mutating func read(_ piece: ManifestPiece) {
    isValid = isValid && piece.read { entries.append($0) }
  }

  /// Nil for anything that ``Manifest/encoded()`` would not write.
  package consuming func finish() -> Manifest? {
    if let rest = cutter.finish() { read(rest) }
    guard isValid, entries.first?.path == ".", entries.isStrictlySorted else { return nil }
    return Manifest(sorted: entries)
  }
}

/// Lines of a manifest's text, whole but perhaps for the last.
struct ManifestPiece: Sendable {
  /// From 0.
  let number: Int
  fileprivate let text: [UInt8]

  /// - Returns: false for what ``Manifest/encoded()`` would not write.
  func read(_ take: (TreeEntry) -> Void) -> Bool {
    text.withUnsafeBufferPointer { text in
      var rest = text[...]
      if number == 0 {
        guard rest.starts(with: Manifest.signature.utf8) else { return false }
        rest = rest.dropFirst(Manifest.signature.utf8.count)
      }
      while let end = rest.position(of: UInt8(ascii: "\n")) {
        guard let entry = Manifest.entry(rest[..<end]) else { return false }
        take(entry)
        rest = rest[(end + 1)...]
      }
      return rest.isEmpty
    }
  }
}

/// Cuts a manifest's text at the ends of lines.
struct ManifestCutter {
  /// In bytes. Some two hundred lines: enough work for a thread, and enough pieces for all of them.
  private static let pieceSize = 32 << 10

  private let newline = UInt8(ascii: "\n")
  private var text: [UInt8] = []
  private var count = 0

  mutating func take(_ more: UnsafeRawBufferPointer) -> [ManifestPiece] {
    var pieces: [ManifestPiece] = []
    var rest = more[...]
    while !rest.isEmpty {
      let missing = Self.pieceSize - text.count
      // A line may be longer than a piece; then the piece ends with it.
      let part =
        missing > 0
        ? rest.prefix(missing) : rest[...(rest.firstIndex(of: newline) ?? rest.endIndex - 1)]
      text += part
      rest = rest.dropFirst(part.count)
      guard text.count >= Self.pieceSize, let last = part.lastIndex(of: newline) else { continue }
      let begun = part[(last + 1)...]
      text.removeLast(begun.count)
      pieces.append(piece())
      text += begun
    }
    return pieces
  }

  /// What is left; nil for nothing.
  mutating func finish() -> ManifestPiece? { count > 0 && text.isEmpty ? nil : piece() }

  private mutating func piece() -> ManifestPiece {
    defer {
      text.removeAll()
      count += 1
    }
    return ManifestPiece(number: count, text: text)
  }
}

extension Manifest {
  /// Reads what ``encoded()`` wrote; nil for anything else.
  package init?(decoding bytes: [UInt8]) {
    var reader = ManifestReader()
    bytes.withUnsafeBytes { reader.take($0) }
    guard let manifest = reader.finish() else { return nil }
    self = manifest
  }
}
