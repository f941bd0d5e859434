package import Archive
internal import Linux

// The target Manifest writes, reads and compares the manifest of a release. It never changes a tree
// and knows no store: callers pass open directories and text. Begin with this file, which describes
// and writes the format; Format/ManifestReader.swift parses it, Tree scans directories, and
// Comparison compares the two.

/// A manifest describes the tree of a release in the format of mtree(5), so that other tools can
/// check it.
package struct Manifest: Equatable, Sendable {
  /// The entries: first the top, which is ".", then the others, sorted by the bytes of their paths.
  package let entries: TreeEntries

  /// Makes a manifest of entries in any order.
  package init(_ entries: some Sequence<TreeEntry>) { self.init(TreeEntries(entries)) }

  /// Makes a manifest of entries in any order.
  package init(_ entries: TreeEntries) {
    var entries = entries
    entries.sort()
    self.entries = entries
  }

  /// Makes a manifest of entries that are sorted already.
  init(sorted entries: TreeEntries) { self.entries = entries }

  /// The number of files.
  package var fileCount: Int { entries.fileCount }

  /// The sum of the files' sizes in bytes.
  package var byteCount: Int64 { entries.byteCount }
}

// MARK: - Writing

extension Manifest {
  static let signature = "#mtree v2.0\n"
  /// The size of the pieces that are written at once, in bytes.
  private static let pieceSize = 256 << 10

  /// Returns the text of the manifest. It contains no owners, which differ between hosts.
  package func encoded() -> [UInt8] {
    var text: [UInt8] = []
    encode { text += $0 }
    return text
  }

  /// Writes the text of the manifest piece by piece, so that it is never in memory as a whole.
  ///
  /// - Parameter take: receives the pieces.
  /// - Throws: what `take` throws.
  package func encode<Failure>(_ take: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
    var piece = Array(Self.signature.utf8)
    for entry in entries {
      append(entry, to: &piece)
      if piece.count >= Self.pieceSize {
        try take(piece)
        piece.removeAll(keepingCapacity: true)
      }
    }
    try take(piece)
  }

  private func append(_ entry: TreeEntry, to text: inout [UInt8]) {
    if entry.path != "." { text += "./".utf8 }
    MtreeName.append(entry.path, to: &text)
    switch entry.content {
    case .directory: text += " type=dir".utf8
    case .symbolicLink: text += " type=link".utf8
    case .file: text += " type=file".utf8
    }
    text += " mode=0".utf8
    Digits.append(UInt64(entry.permissions), radix: 8, to: &text)
    switch entry.content {
    case .directory: break
    case .symbolicLink(let target):
      append(entry.modified, to: &text)
      text += " link=".utf8
      MtreeName.append(target, to: &text)
    case .file(let size, let digest):
      text += " size=".utf8
      Digits.append(UInt64(size.magnitude), to: &text)
      append(entry.modified, to: &text)
      text += " sha256digest=".utf8
      digest.appendHex(to: &text)
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// Appends seconds, a dot and always nine digits, because some readers parse the digits after the
  /// dot as a whole number.
  private func append(_ time: FileTime, to text: inout [UInt8]) {
    text += " time=".utf8
    if time.seconds < 0 { text.append(UInt8(ascii: "-")) }
    Digits.append(time.seconds.magnitude, to: &text)
    text.append(UInt8(ascii: "."))
    Digits.append(UInt64(time.nanoseconds), count: 9, to: &text)
  }
}
