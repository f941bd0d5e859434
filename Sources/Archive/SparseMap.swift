/// Where the stored bytes of a sparse file belong; the rest is holes.
struct SparseMap {
  struct Stretch: Equatable {
    var offset: Int64
    var count: Int64
  }

  private(set) var stretches: [Stretch] = []
  /// Of the file with its holes, in bytes.
  let size: Int64

  /// A file without holes.
  init(dense size: Int64) {
    self.size = size
    stretches = [Stretch(offset: 0, count: size)]
  }

  /// - Parameters:
  ///   - numbers: offset and count in turn, in the file's order.
  ///   - stored: the bytes the archive has for this member.
  init(_ numbers: [Int64], size: Int64, stored: Int64) throws(ArchiveError) {
    self.size = size
    guard numbers.count.isMultiple(of: 2) else { throw ArchiveError(.rejected(.sizeLies)) }
    var end: Int64 = 0
    var sum: Int64 = 0
    for index in stride(from: 0, to: numbers.count, by: 2) {
      let stretch = Stretch(offset: numbers[index], count: numbers[index + 1])
      guard stretch.offset >= end, stretch.count >= 0, stretch.offset <= size,
        stretch.count <= size - stretch.offset
      else { throw ArchiveError(.rejected(.sizeLies)) }
      end = stretch.offset + stretch.count
      sum += stretch.count
      if stretch.count > 0 { stretches.append(stretch) }
    }
    guard sum == stored else { throw ArchiveError(.rejected(.sizeLies)) }
  }

  /// How the formats that came after GNU's first describe the map; nil for a file that is not
  /// sparse. See "Storing Sparse Files" in GNU tar's manual.
  enum Source {
    /// GNU.sparse 0.0 and 0.1: in the pax header.
    case header(numbers: [Int64], size: Int64)
    /// GNU.sparse 1.0: before the content.
    case content(size: Int64)
  }

  static func source(_ pax: PaxRecords) throws(ArchiveError) -> Source? {
    if let major = try pax.number("GNU.sparse.major") {
      let minor = try pax.number("GNU.sparse.minor")
      guard major == 1, minor == 0, let size = try pax.number("GNU.sparse.realsize") else {
        throw ArchiveError(.unreadable("unknown format of sparse file"))
      }
      return .content(size: size)
    }
    guard let size = try pax.number("GNU.sparse.size") else { return nil }
    if let map = try pax.value("GNU.sparse.map") {
      let fields = map.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      return .header(numbers: try numbers(map.isEmpty ? [] : fields), size: size)
    }
    let wanted = ["GNU.sparse.offset", "GNU.sparse.numbytes"]
    let fields = pax.records.filter { wanted.contains($0.key) }
    for (index, field) in fields.enumerated() where field.key != wanted[index % 2] {
      throw ArchiveError(.rejected(.ambiguousHeader))
    }
    return .header(numbers: try numbers(fields.map { $0.value[...] }), size: size)
  }

  static func numbers(_ fields: [ArraySlice<UInt8>]) throws(ArchiveError) -> [Int64] {
    var numbers: [Int64] = []
    for field in fields {
      guard let number = TarNumber.decimal(field) else {
        throw ArchiveError(.unreadable("a sparse map is no list of numbers"))
      }
      numbers.append(number)
    }
    return numbers
  }
}
