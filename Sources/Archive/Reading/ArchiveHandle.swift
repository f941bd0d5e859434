internal import CArchive

/// Owns a read handle of libarchive; see archive_read(3).
final class ArchiveHandle {
  /// Returns the next block of the input, which is valid until the next call; empty at the end.
  typealias Source = (_ handle: OpaquePointer) throws(ArchiveError) -> UnsafeRawBufferPointer

  let raw: OpaquePointer
  private let source: Source?
  /// The error that `source` threw. libarchive itself only learns that there was an error.
  private var failure: ArchiveError?

  /// Makes a handle; see archive_read_new(3).
  ///
  /// - Parameter source: the input; nil when the handle reads a descriptor.
  /// - Throws: `ArchiveError` when libarchive has no memory.
  init(_ source: Source? = nil) throws(ArchiveError) {
    guard let raw = archive_read_new() else {
      throw ArchiveError(.unreadable("libarchive is out of memory"))
    }
    self.raw = raw
    self.source = source
  }

  deinit { archive_read_free(raw) }

  /// Starts to read the input with the formats and filters that were enabled; see
  /// archive_read_open(3).
  ///
  /// - Throws: `ArchiveError` when the input can't be read or is no archive of these formats.
  func open() throws(ArchiveError) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try check(
      archive_read_open(
        raw, context, nil,
        { _, context, block in
          guard let context else { return -1 }
          let handle = Unmanaged<ArchiveHandle>.fromOpaque(context).takeUnretainedValue()
          return handle.pull(&block!.pointee)
        }, nil))
  }

  /// Returns true for ARCHIVE_OK and false for ARCHIVE_EOF, and throws for all other codes,
  /// warnings included.
  ///
  /// - Throws: the error of the input, or else that of libarchive.
  @discardableResult
  func check(_ code: Int32) throws(ArchiveError) -> Bool {
    if let failure { throw failure }
    switch code {
    case ARCHIVE_OK: return true
    case ARCHIVE_EOF: return false
    default: throw error
    }
  }

  /// Whether the input has failed rather than libarchive.
  var hasFailedInput: Bool { failure != nil }

  /// libarchive's message for the last failed call; see archive_error_string(3).
  var message: String? { archive_error_string(raw).map { String(cString: $0) } }

  private var error: ArchiveError {
    // Filters whose trailer is missing report no message.
    guard let message, !message.lowercased().contains("truncated") else {
      return ArchiveError(.truncated)
    }
    // liblzma reports both limits, its own and that of the process, as a lack of memory.
    if message.hasPrefix("Lzma library error"), message.lowercased().contains("memory") {
      return ArchiveError(.unsupported(.xzDictionary))
    }
    if message.contains("wrong size") { return ArchiveError(.rejected(.sizeLies)) }
    return ArchiveError(.unreadable("libarchive: \(displayed(message.utf8))"))
  }

  private func pull(_ block: inout UnsafeRawPointer?) -> Int {
    do throws(ArchiveError) {
      guard failure == nil, let bytes = try source?(raw) else { return -1 }
      block = bytes.baseAddress
      return bytes.count
    } catch {
      failure = error
      return -1
    }
  }
}

// MARK: - Content

extension ArchiveHandle {
  /// Returns the next block of the current entry; nil at its end. See archive_read_data_block(3).
  ///
  /// - Throws: `ArchiveError` when the content is corrupt or can't be read.
  func nextBlock() throws(ArchiveError) -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    guard try check(archive_read_data_block(raw, &start, &count, &offset)) else { return nil }
    return (UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), offset)
  }

  /// Passes the content of the current entry to `body`, including holes. Only a sparse file may end
  /// in a hole.
  ///
  /// - Throws: `ArchiveError` when the content is corrupt or does not have this size, or what
  ///   `body` throws.
  func readContent(
    size: Int64, isSparse: Bool, _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var position: Int64 = 0
    while let (bytes, offset) = try nextBlock() {
      guard offset >= position, offset <= size, Int64(bytes.count) <= size - offset else {
        throw ArchiveError(.rejected(.sizeLies))
      }
      if bytes.isEmpty { continue }
      if offset > position { try body(.hole(offset - position)) }
      try body(.bytes(bytes))
      position = offset + Int64(bytes.count)
    }
    if position == size { return }
    guard isSparse else { throw ArchiveError(.rejected(.sizeLies)) }
    try body(.hole(size - position))
  }
}
