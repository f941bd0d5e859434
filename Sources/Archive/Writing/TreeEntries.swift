internal import Glibc
internal import Linux

/// The files, directories and symbolic links of a tree. There may be half a million of them: each
/// is some seventy bytes beside its path, and no object.
package struct TreeEntries: Sendable {
  private enum Kind: UInt8 { case directory, file, symbolicLink }

  private struct Record {
    let textStart: Int
    let pathLength: UInt32
    /// It follows the path.
    let targetLength: UInt32
    let seconds: Int64
    let size: Int64
    let digest: Digest
    let nanoseconds: UInt32
    let permissions: UInt16
    let kind: Kind
  }

  private var records: [Record] = []
  /// All paths and link targets, one behind the other.
  private var texts: [UInt8] = []

  package init() {}

  package init(_ entries: some Sequence<TreeEntry>) {
    for entry in entries { append(entry) }
  }

  package mutating func append(_ entry: TreeEntry) {
    let textStart = texts.count
    texts.append(contentsOf: entry.path.utf8)
    let pathLength = texts.count - textStart
    let (kind, size, digest): (Kind, Int64, Digest) =
      switch entry.content {
      case .directory: (.directory, 0, Digest())
      case .file(let size, let digest): (.file, size, digest)
      case .symbolicLink: (.symbolicLink, 0, Digest())
      }
    if case .symbolicLink(let target) = entry.content { texts.append(contentsOf: target.utf8) }
    records.append(
      Record(
        textStart: textStart, pathLength: UInt32(pathLength),
        targetLength: UInt32(texts.count - textStart - pathLength),
        seconds: entry.modified.seconds, size: size, digest: digest,
        nanoseconds: UInt32(entry.modified.nanoseconds), permissions: UInt16(entry.permissions),
        kind: kind))
  }

  package mutating func removeAll(where isUnwanted: (TreeEntry) -> Bool) {
    let wanted = records.filter { !isUnwanted(entry($0)) }
    // The texts stay: few are ever removed.
    if wanted.count < records.count { records = wanted }
  }

  /// Names of files.
  package var fileCount: Int { records.count { $0.kind == .file } }

  /// The sum of the files' sizes, in bytes.
  package var byteCount: Int64 { records.reduce(0) { $0 + $1.size } }
}

extension TreeEntries: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { records.count }
  package subscript(position: Int) -> TreeEntry { entry(records[position]) }

  private func entry(_ record: Record) -> TreeEntry {
    let content: TreeEntry.Content =
      switch record.kind {
      case .directory: .directory
      case .file: .file(size: record.size, digest: record.digest)
      case .symbolicLink: .symbolicLink(target: String(decoding: target(record), as: UTF8.self))
      }
    return TreeEntry(
      path: String(decoding: path(record), as: UTF8.self), content: content,
      permissions: FileMode(record.permissions),
      modified: FileTime(seconds: record.seconds, nanoseconds: Int64(record.nanoseconds)))
  }

  private func path(_ record: Record) -> ArraySlice<UInt8> {
    texts[record.textStart...].prefix(Int(record.pathLength))
  }

  private func target(_ record: Record) -> ArraySlice<UInt8> {
    texts[record.textStart...].dropFirst(Int(record.pathLength)).prefix(Int(record.targetLength))
  }
}

extension TreeEntries: Equatable {
  package static func == (one: TreeEntries, other: TreeEntries) -> Bool {
    one.elementsEqual(other)
  }
}

// MARK: - Order

extension TreeEntries {
  /// The top, which is ".", comes first, as mtree(8) wants it, then the others by the bytes of their
  /// paths.
  package mutating func sort() {
    let texts = texts
    texts.withUnsafeBytes { texts in
      func precedes(_ one: Record, _ other: Record) -> Bool {
        Self.precedes(Self.path(one, texts), Self.path(other, texts))
      }
      let isSorted = zip(records, records.dropFirst()).allSatisfy { !precedes($1, $0) }
      if !isSorted { records.sort(by: precedes) }
    }
  }

  /// Where the entry of exactly this path is, among entries that are sorted.
  package func sortedIndex(of path: String) -> Int? {
    var path = path
    return path.withUTF8 { wanted in
      texts.withUnsafeBytes { texts in
        let wanted = UnsafeRawBufferPointer(wanted)
        var range = records.indices
        while !range.isEmpty {
          let middle = range.lowerBound + range.count / 2
          let found = Self.path(records[middle], texts)
          if Self.precedes(found, wanted) {
            range = middle + 1..<range.upperBound
          } else if Self.precedes(wanted, found) {
            range = range.lowerBound..<middle
          } else {
            return middle
          }
        }
        return nil
      }
    }
  }

  private static func path(
    _ record: Record, _ texts: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let end = record.textStart + Int(record.pathLength)
    return UnsafeRawBufferPointer(rebasing: texts[record.textStart..<end])
  }

  private static func precedes(
    _ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer
  ) -> Bool {
    if isTop(one) || isTop(other) { return !isTop(other) }
    guard let first = one.baseAddress, let second = other.baseAddress else {
      return one.count < other.count
    }
    let order = memcmp(first, second, Swift.min(one.count, other.count))
    return order == 0 ? one.count < other.count : order < 0
  }

  private static func isTop(_ path: UnsafeRawBufferPointer) -> Bool {
    path.count == 1 && path[0] == UInt8(ascii: ".")
  }
}
