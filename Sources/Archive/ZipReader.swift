internal import Linux

/// Reads zip, members stored or deflated.
///
/// A zip's truth is the directory at its end, so the whole input is first copied to an unnamed
/// file, and hashed on the way: a pipe then works like a file, and nobody can exchange the bytes
/// between the digest and the unpacking. The directory must agree with the headers in front of the
/// members, which is where readers of streams look.
final class ZipReader: MemberReader {
  private static let chunkSize = 256 << 10
  /// A link's target is content here, in bytes.
  private static let linkTargetLimit = 4096

  private let file: Descriptor
  private let records: [ZipRecord]
  private var index = -1

  /// - Parameter scratch: a directory on whose file system the copy is made.
  init(_ input: RawInput, scratch: borrowing Descriptor) throws(ArchiveError) {
    do throws(SystemError) { file = try scratch.openUnnamedFile() } catch {
      throw ArchiveError(error)
    }
    while true {
      let chunk = try input.available()
      if chunk.isEmpty { break }
      do throws(SystemError) { try file.write(chunk) } catch { throw ArchiveError(error) }
      input.consume(chunk.count)
    }
    records = try ZipDirectory.read(file, size: input.count)
  }

  func next() throws(ArchiveError) -> Member? {
    index += 1
    guard index < records.count else { return nil }
    let record = records[index]
    return try naming(record.name) { () throws(ArchiveError) in
      if record.isEncrypted { throw ArchiveError(.rejected(.encrypted)) }
      return Member(
        name: record.name, kind: try kind(of: record), mode: record.mode,
        modified: record.modified)
    }
  }

  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let record = records[index]
    var crc: UInt32 = 0
    var size: Int64 = 0
    let count = { (chunk: UnsafeRawBufferPointer) throws(ArchiveError) in
      size += Int64(chunk.count)
      guard size <= record.size else { throw ArchiveError(.rejected(.sizeLies)) }
      crc = crc32(crc, chunk)
      try body(.bytes(chunk))
    }
    switch record.method {
    case 0: try forEachStoredChunk(record, count)
    case 8: try inflate(record, count)
    default:
      throw ArchiveError(.unreadable("zip method \(record.method) is not supported"))
    }
    guard size == record.size else { throw ArchiveError(.rejected(.sizeLies)) }
    guard crc == record.crc else { throw damagedZip }
  }
}

extension ZipReader {
  private func kind(of record: ZipRecord) throws(ArchiveError) -> Member.Kind {
    let type = record.fileType
    if record.name.last == UInt8(ascii: "/") {
      guard type == 0 || type == 0o040000 else { throw ArchiveError(.rejected(.ambiguousHeader)) }
      guard record.size == 0 else { throw ArchiveError(.rejected(.sizeLies)) }
      return .directory
    }
    switch type {
    case 0, 0o100000: return .file(size: record.size)
    case 0o120000: return .symbolicLink(target: try linkTarget(record))
    case 0o040000: throw ArchiveError(.rejected(.ambiguousHeader))
    default: return .special
    }
  }

  private func linkTarget(_ record: ZipRecord) throws(ArchiveError) -> [UInt8] {
    guard record.size <= Self.linkTargetLimit else { throw ArchiveError(.rejected(.linkTarget)) }
    var target: [UInt8] = []
    try readContent { if case .bytes(let bytes) = $0 { target.append(contentsOf: bytes) } }
    return target
  }

  private func forEachStoredChunk(
    _ record: ZipRecord, _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var offset = try ZipDirectory.contentOffset(file, record)
    let end = offset + record.compressedSize
    while offset < end {
      let count = Int(min(end - offset, Int64(Self.chunkSize)))
      let chunk = try ZipDirectory.bytes(of: file, count, at: offset)
      if chunk.isEmpty { throw ArchiveError(.truncated) }
      offset += Int64(chunk.count)
      try withBytes(of: chunk, body)
    }
  }

  /// The deflate stream must end where the member does.
  private func inflate(
    _ record: ZipRecord, _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let inflater = try Inflater(.bare)
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
    defer { output.deallocate() }
    var isComplete = false
    try forEachStoredChunk(record) { chunk throws(ArchiveError) in
      var rest = chunk
      while true {
        if isComplete, !rest.isEmpty { throw ArchiveError(.rejected(.sizeLies)) }
        let step = try inflater.decode(rest, into: output)
        try body(UnsafeRawBufferPointer(rebasing: output[..<step.produced]))
        isComplete = step.isFrameComplete
        rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
        if rest.isEmpty, isComplete || step.produced < output.count { return }
      }
    }
    guard isComplete else { throw damagedZip }
  }
}

extension ZipRecord {
  /// The file type bits of stat(2); 0 where the archive does not know any.
  fileprivate var fileType: UInt32 { system == 3 ? attributes >> 16 & 0o170000 : 0 }

  fileprivate var mode: FileMode {
    let mode = system == 3 ? attributes >> 16 & 0o7777 : 0
    if mode != 0 { return mode }
    return name.last == UInt8(ascii: "/") ? 0o755 : 0o644
  }
}

/// Lends an array's bytes to a closure that throws this module's error.
func withBytes(
  of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
) throws(ArchiveError) {
  let failure: ArchiveError? = bytes.withUnsafeBytes { buffer in
    do throws(ArchiveError) {
      try body(buffer)
      return nil
    } catch {
      return error
    }
  }
  if let failure { throw failure }
}
