internal import Linux

/// Reads tar: v7, ustar, pax and GNU, with GNU's sparse files.
///
/// Stricter than tar(1) wherever two readers could understand the same bytes in two ways, since
/// what was checked elsewhere must be what is unpacked here.
final class TarReader: MemberReader {
  /// For the extended headers and for the sparse map of one member, in bytes.
  private static let metadataLimit: Int64 = 1 << 20

  private let input: DecodedInput
  private var hasReadHeader = false
  private var map = SparseMap(dense: 0)
  private var unreadContent: Int64 = 0
  private var padding: Int64 = 0

  init(_ input: DecodedInput) { self.input = input }

  func next() throws(ArchiveError) -> Member? {
    try skip(unreadContent + padding)
    (unreadContent, padding) = (0, 0)
    var extensions = TarExtensions()
    while true {
      guard let header = try readHeader() else {
        guard extensions.isEmpty else { throw ArchiveError(.truncated) }
        return nil
      }
      switch header.type {
      case "x": try extensions.add(pax: try payload(of: header))
      case "L": try extensions.add(longName: try payload(of: header))
      case "K": try extensions.add(longLink: try payload(of: header))
      case "g": try checkGlobal(try payload(of: header))
      default: return try member(header, extensions)
      }
    }
  }

  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var position: Int64 = 0
    for stretch in map.stretches {
      if stretch.offset > position { try body(.hole(stretch.offset - position)) }
      try input.forEachChunk(of: stretch.count) { chunk throws(ArchiveError) in
        try body(.bytes(chunk))
      }
      unreadContent -= stretch.count
      position = stretch.offset + stretch.count
    }
    if map.size > position { try body(.hole(map.size - position)) }
  }
}

// MARK: - Headers

extension TarReader {
  /// Nil at the end marker, after making sure that it is one and that nothing follows.
  private func readHeader() throws(ArchiveError) -> TarHeader? {
    let isFirst = !hasReadHeader
    hasReadHeader = true
    let block = try input.read(TarHeader.blockSize)
    if block.allSatisfy({ $0 == 0 }) {
      guard try input.read(TarHeader.blockSize).allSatisfy({ $0 == 0 }) else {
        throw ArchiveError(.rejected(.trailingData))
      }
      try input.expectOnlyZeros()
      return nil
    }
    if let header = TarHeader(block) { return header }
    throw ArchiveError(
      .unreadable(
        isFirst
          ? "this is no archive: neither tar nor zip, nor tar in gzip, zstd, xz, bzip2 or lz4"
          : "a tar header is damaged"))
  }

  private func payload(of header: TarHeader) throws(ArchiveError) -> [UInt8] {
    guard header.size <= Self.metadataLimit else {
      throw ArchiveError(.rejected(.metadataTooLarge))
    }
    let bytes = try input.read(Int(header.size))
    try skip(paddingAfter(header.size))
    return bytes
  }

  /// Comments, as git makes them, and defaults for owners and times are of no consequence here.
  private func checkGlobal(_ payload: [UInt8]) throws(ArchiveError) {
    guard let pax = PaxRecords(payload) else { throw damagedPax }
    let isHarmful = pax.records.contains {
      ["path", "size", "linkpath"].contains($0.key) || $0.key.hasPrefix("GNU.sparse.")
    }
    if isHarmful { throw ArchiveError(.rejected(.globalHeader)) }
  }

  private func member(
    _ header: TarHeader, _ extensions: TarExtensions
  ) throws(ArchiveError) -> Member {
    let name = try extensions.name ?? header.name
    return try naming(name) { () throws(ArchiveError) in
      let kind = try takeContent(header, extensions, name: name)
      let time = try extensions.pax?.time("mtime") ?? FileTime(seconds: header.modified ?? 0)
      return Member(name: name, kind: kind, mode: header.mode, modified: time)
    }
  }

  /// Decides what the member is and leaves the input where its content begins.
  private func takeContent(
    _ header: TarHeader, _ extensions: TarExtensions, name: [UInt8]
  ) throws(ArchiveError) -> Member.Kind {
    let stored = try extensions.size(header)
    (unreadContent, padding) = (stored, paddingAfter(stored))
    map = SparseMap(dense: stored)
    let target = try extensions.linkTarget ?? header.linkTarget
    let kind: Member.Kind
    switch header.type {
    // Before POSIX a directory was a file whose name ends in a slash.
    case "0", "\0", "7":
      guard name.last == UInt8(ascii: "/") else {
        return .file(size: try takeSparseMap(extensions, stored: stored))
      }
      kind = .directory
    case "S": return .file(size: try takeOldSparseMap(header, stored: stored))
    case "1": kind = .hardLink(target: target)
    case "2": kind = .symbolicLink(target: target)
    case "5": kind = .directory
    default: return .special
    }
    // Some readers expect content then, others a header.
    guard stored == 0 else { throw ArchiveError(.rejected(.sizeLies)) }
    return kind
  }

  private func skip(_ count: Int64) throws(ArchiveError) {
    try input.forEachChunk(of: count) { _ in }
  }

  private func paddingAfter(_ size: Int64) -> Int64 {
    let block = Int64(TarHeader.blockSize)
    return (block - size % block) % block
  }
}

// MARK: - Sparse files

extension TarReader {
  private func takeSparseMap(
    _ extensions: TarExtensions, stored: Int64
  ) throws(ArchiveError) -> Int64 {
    guard let pax = extensions.pax, let source = try SparseMap.source(pax) else { return stored }
    switch source {
    case .header(let numbers, let size):
      map = try SparseMap(numbers, size: size, stored: stored)
    case .content(let size):
      let numbers = try takeMapBeforeContent()
      map = try SparseMap(numbers, size: size, stored: unreadContent)
    }
    return map.size
  }

  /// GNU.sparse 1.0: how many stretches, then offset and count of each, a line a number, padded
  /// to a whole block.
  private func takeMapBeforeContent() throws(ArchiveError) -> [Int64] {
    var numbers: [Int64] = []
    var partial: [UInt8] = []
    var wanted: Int64 = 1
    let limit = min(unreadContent, Self.metadataLimit)
    var taken: Int64 = 0
    while numbers.count < wanted {
      let block = Int64(TarHeader.blockSize)
      guard taken + block <= limit else { throw ArchiveError(.rejected(.sizeLies)) }
      for byte in try input.read(TarHeader.blockSize) where numbers.count < wanted {
        guard byte == UInt8(ascii: "\n") else {
          partial.append(byte)
          continue
        }
        numbers += try SparseMap.numbers([partial[...]])
        partial = []
        if numbers.count == 1 { wanted = 1 + 2 * min(numbers[0], Self.metadataLimit) }
      }
      taken += block
    }
    unreadContent -= taken
    return Array(numbers.dropFirst())
  }

  /// Type S: four entries in the header, 21 in each block that follows.
  private func takeOldSparseMap(
    _ header: TarHeader, stored: Int64
  ) throws(ArchiveError) -> Int64 {
    guard let size = header.sparseSize, size >= 0 else {
      throw ArchiveError(.rejected(.sizeLies))
    }
    var fields = header.sparseMap
    var goesOn = header.sparseMapGoesOn
    while goesOn {
      guard fields.count < Self.metadataLimit else {
        throw ArchiveError(.rejected(.metadataTooLarge))
      }
      let block = try input.read(TarHeader.blockSize)
      fields += block[..<504]
      goesOn = block[504] != 0
    }
    var numbers: [Int64] = []
    // An entry of zeros ends the map.
    for start in stride(from: fields.startIndex, to: fields.endIndex, by: 24) {
      let entry = fields[start..<start + 24]
      if entry.first == 0 { break }
      guard let offset = TarNumber.parse(entry.prefix(12)),
        let count = TarNumber.parse(entry.suffix(12))
      else { throw ArchiveError(.unreadable("a sparse map is no list of numbers")) }
      numbers += [offset, count]
    }
    map = try SparseMap(numbers, size: size, stored: stored)
    return size
  }
}
