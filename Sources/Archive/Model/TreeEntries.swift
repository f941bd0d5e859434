internal import Glibc
internal import Linux

/// The files, directories and symbolic links of a tree. There may be half a million of them, so
/// each takes 64 bytes and its path, and needs no allocation.
package struct TreeEntries: Sendable {
  private enum Kind: UInt8 {
    case directory, file, symbolicLink
    /// A hard link whose file is not known yet.
    case hardLink
  }

  private struct Record {
    let path: StringPool.Position
    var seconds: Int64 = 0
    var size: Int64 = 0
    var digest = Digest()
    var nanoseconds: UInt32 = 0
    var permissions: UInt16 = 0
    var kind: Kind
  }

  private var records: [Record] = []
  /// All paths. The path of a link is followed by its target.
  private var texts = StringPool()

  package init() {}

  package init(_ entries: some Sequence<TreeEntry>) {
    for entry in entries { append(entry) }
  }

  /// Appends an entry.
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

  /// Appends another name of a file. ``resolveHardLinks()`` must be called afterwards.
  mutating func append(hardLink path: String, to target: String) {
    records.append(add(.hardLink, path, target))
  }

  private mutating func add(_ kind: Kind, _ path: String, _ target: String? = nil) -> Record {
    let record = Record(path: texts.add(path), kind: kind)
    if let target { _ = texts.add(target) }
    return record
  }

  /// Removes all entries that satisfy a condition.
  package mutating func removeAll(where isUnwanted: (TreeEntry) -> Bool) {
    guard contains(where: isUnwanted) else { return }
    // Their paths stay in the pool, since few entries are ever removed.
    records = records.filter { !isUnwanted(entry($0)) }
  }

  /// The number of names of files.
  package var fileCount: Int { records.count { $0.kind == .file } }

  /// The sum of the files' sizes, in bytes, at most the largest number.
  package var byteCount: Int64 {
    records.reduce(0) {
      let (sum, overflow) = $0.addingReportingOverflow($1.size)
      return overflow ? .max : sum
    }
  }
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
      case .symbolicLink, .hardLink: .symbolicLink(target: target(of: record))
      }
    return TreeEntry(
      path: texts[record.path], content: content, permissions: FileMode(record.permissions),
      modified: FileTime(seconds: record.seconds, nanoseconds: Int64(record.nanoseconds)))
  }

  private func target(of link: Record) -> String { texts[texts.position(after: link.path)] }
}

extension TreeEntries: Equatable {
  package static func == (one: TreeEntries, other: TreeEntries) -> Bool {
    one.elementsEqual(other)
  }
}

// MARK: - Order

extension TreeEntries {
  /// Sorts the entries: the root (".") comes first, as mtree(8) requires, then the others by the
  /// bytes of their paths.
  package mutating func sort() {
    if zip(records, records.dropFirst()).allSatisfy({ compare($0, $1) <= 0 }) { return }
    // Sorting indices instead of records halves the additional memory.
    var order = records.indices.map { UInt32($0) }
    order.sort { compare(records[Int($0)], records[Int($1)]) < 0 }
    records.permute(to: order)
  }

  /// Whether the entries are in the order of ``sort()`` without duplicate paths.
  package var isStrictlySorted: Bool {
    zip(records, records.dropFirst()).allSatisfy { compare($0, $1) < 0 }
  }

  /// Finds an entry by its exact path. The entries must be sorted.
  ///
  /// - Parameters:
  ///   - path: the path, compared byte for byte.
  ///   - guess: an index to look at first; any number is permitted.
  /// - Returns: the index of the entry; nil when there is none of this path.
  package func sortedIndex(of path: String, guess: Int? = nil) -> Int? {
    path.withCString { wanted in
      if let guess, records.indices.contains(guess),
        texts.withString(at: records[guess].path, { strcmp($0, wanted) }) == 0
      {
        return guess
      }
      var range = records.indices
      while !range.isEmpty {
        let middle = range.lowerBound + range.count / 2
        let order = texts.withString(at: records[middle].path) { Self.compare($0, wanted) }
        if order == 0 { return middle }
        range = order < 0 ? middle + 1..<range.upperBound : range.lowerBound..<middle
      }
      return nil
    }
  }

  /// Compares two paths as strcmp(3) does.
  private func compare(_ one: Record, _ other: Record) -> CInt {
    texts.withString(at: one.path) { one in
      texts.withString(at: other.path) { other in Self.compare(one, other) }
    }
  }

  private static func compare(
    _ one: UnsafePointer<CChar>, _ other: UnsafePointer<CChar>
  ) -> CInt {
    switch (isRoot(one), isRoot(other)) {
    case (true, true): 0
    case (true, false): -1
    case (false, true): 1
    case (false, false): strcmp(one, other)
    }
  }

  private static func isRoot(_ path: UnsafePointer<CChar>) -> Bool { strcmp(path, ".") == 0 }
}

extension Array {
  /// Reorders the elements in place, so that each index gets the element that was at
  /// `order[index]`.
  fileprivate mutating func permute(to order: consuming [UInt32]) {
    for start in indices {
      // Each cycle of moves is followed once, and its indices are then marked as done.
      var place = start
      while Int(order[place]) != start {
        let next = Int(order[place])
        swapAt(place, next)
        order[place] = UInt32(place)
        place = next
      }
      order[place] = UInt32(place)
    }
  }
}

// MARK: - Hard links

extension TreeEntries {
  /// Sorts the entries and gives each hard link the metadata of its target, which may be a hard
  /// link itself. Returns false when a chain of hard links does not end at a file.
  mutating func resolveHardLinks() -> Bool {
    sort()
    for index in records.indices where records[index].kind == .hardLink {
      var names = [index]
      while let name = names.last, records[name].kind == .hardLink {
        // A chain that is longer than the number of entries is a loop.
        guard names.count <= records.count,
          let next = sortedIndex(of: target(of: records[name]))
        else { return false }
        names.append(next)
      }
      guard let last = names.popLast(), records[last].kind == .file else { return false }
      let file = records[last]
      for name in names { copyFile(name, as: file) }
    }
    return true
  }

  private mutating func copyFile(_ name: Int, as file: Record) {
    (records[name].kind, records[name].size) = (.file, file.size)
    (records[name].digest, records[name].permissions) = (file.digest, file.permissions)
    (records[name].seconds, records[name].nanoseconds) = (file.seconds, file.nanoseconds)
  }
}
