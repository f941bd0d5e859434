/// What the headers in front of a member's own say about it.
struct TarExtensions {
  private(set) var pax: PaxRecords?
  private var longName: [UInt8]?
  private var longLink: [UInt8]?

  /// The largest size that the octal field of a header can hold, in bytes.
  private static let largestOctalSize: Int64 = 0o777_7777_7777

  var isEmpty: Bool { pax == nil && longName == nil && longLink == nil }

  mutating func add(pax payload: [UInt8]) throws(ArchiveError) {
    guard let records = PaxRecords(payload) else { throw damagedPax }
    guard pax == nil else { throw ArchiveError(.rejected(.ambiguousHeader)) }
    pax = records
  }

  mutating func add(longName payload: [UInt8]) throws(ArchiveError) {
    guard longName == nil else { throw ArchiveError(.rejected(.ambiguousHeader)) }
    longName = withoutTerminator(payload)
  }

  mutating func add(longLink payload: [UInt8]) throws(ArchiveError) {
    guard longLink == nil else { throw ArchiveError(.rejected(.ambiguousHeader)) }
    longLink = withoutTerminator(payload)
  }

  /// The name that replaces the header's.
  var name: [UInt8]? {
    get throws(ArchiveError) {
      if let sparse = try pax?.value("GNU.sparse.name") { return sparse }
      return try only(pax?.value("path"), longName)
    }
  }

  /// The link target that replaces the header's.
  var linkTarget: [UInt8]? {
    get throws(ArchiveError) { try only(pax?.value("linkpath"), longLink) }
  }

  /// More than any file system holds, and far enough from where arithmetic overflows.
  private static let largestSize: Int64 = 1 << 60

  /// The bytes stored for the member.
  ///
  /// Writers give a size in the pax header when the plain header can't hold it. Where it could and
  /// says something else, a reader that ignores pax would look for the next header inside the
  /// content and find other members (CVE-2025-62518).
  func size(_ header: TarHeader) throws(ArchiveError) -> Int64 {
    let size = try pax?.number("size") ?? header.size
    guard size <= Self.largestSize, size == header.size || size > Self.largestOctalSize else {
      throw ArchiveError(.rejected(.sizeLies))
    }
    return size
  }

  private func only(_ one: [UInt8]?, _ other: [UInt8]?) throws(ArchiveError) -> [UInt8]? {
    if one != nil, other != nil { throw ArchiveError(.rejected(.ambiguousHeader)) }
    return one ?? other
  }

  /// GNU counts one NUL at the end; one before it stays, to be rejected.
  private func withoutTerminator(_ payload: [UInt8]) -> [UInt8] {
    payload.last == 0 ? payload.dropLast() : payload
  }
}

var damagedPax: ArchiveError { ArchiveError(.unreadable("a pax header is damaged")) }
