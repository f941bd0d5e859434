internal import Linux

/// Reads a file from front to back with a few large calls, wherever its parts begin.
final class BufferedFile {
  private let buffer: UnsafeMutableRawBufferPointer
  private var start: Int64 = 0
  private var count = 0

  /// - Parameter size: what is read at a time, in bytes.
  init(size: Int) { buffer = .allocate(byteCount: size, alignment: 4096) }

  deinit { buffer.deallocate() }

  /// What there is at `offset`, at least a byte and at most `limit`; valid until the next call.
  /// Empty at the end of the file.
  func bytes(
    of file: borrowing Descriptor, at offset: Int64, atMost limit: Int64
  ) throws(ArchiveError) -> UnsafeRawBufferPointer {
    if offset < start || offset >= start + Int64(count) {
      start = offset
      count = 0
      do throws(SystemError) { count = try file.read(into: buffer, at: offset) } catch {
        throw ArchiveError(error)
      }
    }
    let found = buffer[Int(offset - start)..<count]
    return UnsafeRawBufferPointer(rebasing: found.prefix(Int(min(limit, Int64(found.count)))))
  }

  /// As many as asked for, fewer only at the end of the file.
  func bytes(
    of file: borrowing Descriptor, _ wanted: Int, at offset: Int64
  ) throws(ArchiveError) -> [UInt8] {
    var found: [UInt8] = []
    while found.count < wanted {
      let more = try bytes(
        of: file, at: offset + Int64(found.count), atMost: Int64(wanted - found.count))
      if more.isEmpty { break }
      found += more
    }
    return found
  }
}
