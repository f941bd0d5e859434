internal import Archive

/// Parses a manifest piece by piece, so that its text is never in memory as a whole.
package struct ManifestReader {
  private var cutter = ManifestCutter()
  private var entries = TreeEntries()
  private var isValid = true

  package init() {}

  /// Parses more of the text.
  package mutating func take(_ text: UnsafeRawBufferPointer) {
    for piece in cutter.take(text) { read(piece) }
  }

  private mutating func read(_ piece: ManifestPiece) {
    isValid = isValid && piece.read { entries.append($0) }
  }

  /// Returns the manifest; nil for a text that ``Manifest/encoded()`` would not write.
  package consuming func finish() -> Manifest? {
    if let rest = cutter.finish() { read(rest) }
    guard isValid, entries.first?.path == ".", entries.isStrictlySorted else { return nil }
    return Manifest(sorted: entries)
  }
}

/// A piece of a manifest's text: complete lines, except that the last line of the text may lack its
/// end, and that a line which is too long to be valid is cut.
struct ManifestPiece: Sendable {
  /// The number of the piece, from 0.
  let number: Int
  fileprivate let text: [UInt8]

  /// Parses the piece.
  ///
  /// - Parameter take: receives the entries.
  /// - Returns: false for a text that ``Manifest/encoded()`` would not write.
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

/// Cuts a manifest's text into pieces at the ends of lines.
struct ManifestCutter {
  /// The minimum size of a piece in bytes: about two hundred lines, which is enough work for one
  /// thread, and yields enough pieces for all threads.
  private static let pieceSize = 32 << 10
  /// The size in bytes from which an incomplete line is a piece of its own. No valid line is nearly as
  /// long, and a file that is not a manifest may have no other.
  private static let lineLimit = 256 << 10

  private let newline = UInt8(ascii: "\n")
  private var text: [UInt8] = []
  private var count = 0

  /// Returns the pieces that more text completes.
  mutating func take(_ more: UnsafeRawBufferPointer) -> [ManifestPiece] {
    var pieces: [ManifestPiece] = []
    var rest = more[...]
    while !rest.isEmpty {
      let missing = Self.pieceSize - text.count
      // A line may be longer than a piece. Then the piece ends where the line ends.
      let part =
        missing > 0
        ? rest.prefix(missing) : rest[...(rest.firstIndex(of: newline) ?? rest.endIndex - 1)]
      text += part
      rest = rest.dropFirst(part.count)
      if text.count >= Self.lineLimit, part.last != newline {
        pieces.append(piece())
        continue
      }
      guard text.count >= Self.pieceSize, let last = part.lastIndex(of: newline) else { continue }
      let incomplete = part[(last + 1)...]
      text.removeLast(incomplete.count)
      pieces.append(piece())
      text += incomplete
    }
    return pieces
  }

  /// Returns the last piece; nil when it is empty.
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
  /// Parses a text that ``encoded()`` has written; nil for any other text.
  package init?(decoding bytes: [UInt8]) {
    var reader = ManifestReader()
    bytes.withUnsafeBytes { reader.take($0) }
    guard let manifest = reader.finish() else { return nil }
    self = manifest
  }
}
