internal import Glibc
internal import Linux

/// The files, directories and symbolic links of a tree. There may be half a million of them: each
/// is some seventy bytes beside its path, and no object.
package struct TreeEntries: Sendable {
  private enum Kind: UInt8 {
    case directory, file, symbolicLink
    /// Until it is known of which file it is a name.
    case hardLink
  }

  private struct Record {
    let textStart: Int
    let pathLength: UInt32
    /// It follows the path.
    var targetLength: UInt32
    var seconds: Int64 = 0
    var size: Int64 = 0
    var digest = Digest()
    var nanoseconds: UInt32 = 0
    var permissions: UInt16 = 0
    var kind: Kind
  }

  private var records: [Record] = []
  /// All paths and link targets, one behind the other.
  private var texts: [UInt8] = []

  package init() {}

  package init(_ entries: some Sequence<TreeEntry>) {
    for entry in entries { append(entry) }
  }

  package mutating func append(_ entry: TreeEntry) {
    var record: Record
    switch entry.content {
    case .directory: record = add(.directory, entry.path)
    case .file(let size, let digest):
      record = add(.file, entry.path)
      (record.size, record.digest) = (size, digest)
    case .symbolicLink(let target): record = add(.symbolicLink, entry.path, target)
    }
    record.seconds = entry.modified.seconds
    record.nanoseconds = UInt32(entry.modified.nanoseconds)
    record.permissions = UInt16(entry.permissions)
    records.append(record)
  }

  /// Appends another name of a file. To be followed by ``settleHardLinks()``.
  mutating func append(hardLink path: String, to target: String) {
    records.append(add(.hardLink, path, target))
  }

  private mutating func add(_ kind: Kind, _ path: String, _ target: String = "") -> Record {
    let start = texts.count
    texts.append(contentsOf: path.utf8)
    let pathEnd = texts.count
    texts.append(contentsOf: target.utf8)
    return Record(
      textStart: start, pathLength: UInt32(pathEnd - start),
      targetLength: UInt32(texts.count - pathEnd), kind: kind)
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
      case .symbolicLink, .hardLink:
        .symbolicLink(target: String(decoding: target(record), as: UTF8.self))
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

// MARK: - Hard links

extension TreeEntries {
  /// Sorts, and makes each hard link a file like its target, which may be one itself. False when
  /// one has no file as its target.
  mutating func settleHardLinks() -> Bool {
    sort()
    for index in records.indices where records[index].kind == .hardLink {
      var names = [index]
      while let name = names.last, records[name].kind == .hardLink {
        let target = String(decoding: target(records[name]), as: UTF8.self)
        // Going in circles takes more steps than there are entries.
        guard names.count <= records.count, let next = sortedIndex(of: target) else { return false }
        names.append(next)
      }
      guard let last = names.popLast(), records[last].kind == .file else { return false }
      let file = records[last]
      for name in names { settle(name, as: file) }
    }
    return true
  }

  private mutating func settle(_ name: Int, as file: Record) {
    (records[name].kind, records[name].size) = (.file, file.size)
    (records[name].digest, records[name].permissions) = (file.digest, file.permissions)
    (records[name].seconds, records[name].nanoseconds) = (file.seconds, file.nanoseconds)
    records[name].targetLength = 0
  }
}
