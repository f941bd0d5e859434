/// Checks the header blocks of a tar member, of which the extended ones come first.
///
/// libarchive reads the headers. This type rejects what libarchive silently accepts although other
/// readers understand it differently: the tree that was checked elsewhere must be the one that is
/// unpacked here.
struct TarPreamble {
  /// Returns bytes from an offset of the archive; nil when they are not available.
  typealias Bytes = (_ count: Int, _ offset: Int64) -> [UInt8]?

  /// The size of a header block in bytes.
  static let headerSize = 512
  private static let blockSize = Int64(headerSize)
  /// The size of the name field of a header in bytes.
  private static let nameSize = 100
  /// The maximum size that the octal field of a header can hold, in bytes.
  private static let largestOctalSize: Int64 = 0o777_7777_7777
  /// A size that is larger than any file system can store, in bytes.
  private static let largestSize: Int64 = 1 << 60

  private var pax: PaxRecords?
  private var longName: [UInt8]?
  private var longTarget: [UInt8]?

  /// Checks all headers of the next member. An archive that ends within them is left to libarchive,
  /// which reports it.
  ///
  /// - Parameters:
  ///   - start: the offset of the first header.
  ///   - limit: the largest size of one extended header, in bytes.
  ///   - bytes: returns the bytes of the archive.
  /// - Returns: the offset of the member's own header, or of the end marker.
  /// - Throws: `ArchiveError` for headers that are rejected.
  static func check(
    from start: Int64, limit: Int64, _ bytes: Bytes
  ) throws(ArchiveError) -> Int64 {
    var preamble = TarPreamble()
    var position = start
    while let block = bytes(headerSize, position) {
      if block.allSatisfy({ $0 == 0 }) {
        if preamble.isPending { throw ArchiveError(.truncated) }
        return position
      }
      guard let size = tarNumber(block[124..<136]) else {
        throw ArchiveError(.unreadable("a tar header is malformed"))
      }
      let type = block[156]
      guard extensionTypes.contains(type) else {
        try naming(preamble.name(block)) { () throws(ArchiveError) in
          try preamble.checkMember(block, type, size)
        }
        return position
      }
      guard size <= limit else {
        throw ArchiveError(.rejected(.metadataTooLarge), member: ownName(block))
      }
      guard let payload = bytes(Int(size), position + blockSize) else { return position }
      try naming(ownName(block)) { () throws(ArchiveError) in try preamble.add(payload, type) }
      position += blockSize + (size + blockSize - 1) / blockSize * blockSize
    }
    return position
  }

  /// Files, links, special files, directories, contiguous and sparse files.
  private static let memberTypes = [0] + Array("01234567S".utf8)
  private static let extensionTypes = Array("xXgLKVA".utf8)
  private var isPending: Bool { pax != nil || longName != nil || longTarget != nil }

  private mutating func add(_ payload: [UInt8], _ type: UInt8) throws(ArchiveError) {
    switch type {
    case UInt8(ascii: "g"):
      // Comments, which git writes, and defaults for owners and times have no effect.
      let pax = try PaxRecords(payload)
      if ["path", "linkpath", "size", "GNU.sparse."].contains(where: pax.contains(prefix:)) {
        throw ArchiveError(.rejected(.globalHeader))
      }
    case UInt8(ascii: "L"): try Self.set(&longName, Self.text(payload))
    case UInt8(ascii: "K"): try Self.set(&longTarget, Self.text(payload))
    // GNU's volume labels and Solaris' access lists are not members to libarchive.
    case UInt8(ascii: "V"), UInt8(ascii: "A"): throw ArchiveError(.rejected(.specialFile))
    default: try Self.set(&pax, try PaxRecords(payload))
    }
  }

  private func checkMember(
    _ block: [UInt8], _ type: UInt8, _ headerSize: Int64
  ) throws(ArchiveError) {
    let path = try pax?.value("path")
    let sparseName = try pax?.value("GNU.sparse.name")
    let names = [path, sparseName, longName].compactMap { $0 }
    let targets = [try pax?.value("linkpath"), longTarget].compactMap { $0 }
    if names.contains([]) { throw ArchiveError(.rejected(.emptyName)) }
    // libarchive's strings end at a NUL.
    if names.contains(where: { $0.contains(0) }) { throw ArchiveError(.rejected(.nulInName)) }
    if targets.contains(where: { $0.isEmpty || $0.contains(0) }) {
      throw ArchiveError(.rejected(.linkTarget))
    }
    // libarchive treats members of unknown types as files.
    guard Self.memberTypes.contains(type) else { throw ArchiveError(.rejected(.specialFile)) }
    // libarchive treats any member with a target as a link.
    let isLink = Array("12".utf8).contains(type)
    let hasTwoNames = longName != nil && (path != nil || sparseName != nil)
    if hasTwoNames || targets.count > 1 || !targets.isEmpty && !isLink {
      throw ArchiveError(.rejected(.ambiguousHeader))
    }
    // Writers put a size into the pax header when the plain header is too small for it. Where the
    // plain header has a different size, a reader that ignores pax would look for the next header
    // inside the content and find other members (CVE-2025-62518).
    let size = try pax?.size() ?? headerSize
    guard size <= Self.largestSize, size == headerSize || size > Self.largestOctalSize else {
      throw ArchiveError(.rejected(.sizeLies))
    }
    // After a link or directory with a size, some readers expect content and others the next
    // header. Most of them treat a file whose name ends in a slash as a directory.
    let endsInSlash = names.contains(where: Self.endsInSlash) || ownNameEndsInSlash(block, names)
    let hasContent = !Array("12345".utf8).contains(type) && !endsInSlash
    guard size == 0 || hasContent else { throw ArchiveError(.rejected(.sizeLies)) }
  }

  /// Whether the plain header has the name of a directory. GNU tar and Python cut a long name off
  /// there, which may leave a slash at its end; then it is no more than the beginning of that name.
  private func ownNameEndsInSlash(_ block: [UInt8], _ names: [[UInt8]]) -> Bool {
    let own = Self.ownName(block)
    let isCutOff =
      own.count == Self.nameSize && !names.isEmpty
      && names.allSatisfy { $0.count > own.count && $0.starts(with: own) }
    return Self.endsInSlash(own) && !isCutOff
  }

  private static func endsInSlash(_ name: [UInt8]) -> Bool { name.last == UInt8(ascii: "/") }

  /// Returns the name of the member, for messages.
  private func name(_ block: [UInt8]) -> [UInt8] {
    longName ?? (try? pax?.value("path")) ?? Self.ownName(block)
  }

  private static func ownName(_ block: [UInt8]) -> [UInt8] {
    Array(block[..<nameSize].prefix { $0 != 0 })
  }

  private static func set<Value>(
    _ place: inout Value?, _ value: Value
  ) throws(ArchiveError) {
    if place != nil { throw ArchiveError(.rejected(.ambiguousHeader)) }
    place = value
  }

  /// Removes the NUL that GNU tar counts at the end of a name. Other NULs are kept, and the name is
  /// then rejected.
  private static func text(_ payload: [UInt8]) -> [UInt8] {
    payload.last == 0 ? payload.dropLast() : payload
  }
}

/// Parses a number field of a tar header: octal digits, or GNU's base 256. Returns nil for anything
/// else.
func tarNumber(_ field: ArraySlice<UInt8>) -> Int64? {
  if let first = field.first, first & 0x80 != 0 {
    guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
    return Int64(exactly: field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
  let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
  guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
  return digits.reduce(0) { $0 << 3 | Int64($1 & 7) }
}
