internal import Linux

/// A buffer for reading a file forwards in a few large calls.
final class BufferedFile {
  private let buffer: UnsafeMutableRawBufferPointer
  private var start: Int64 = 0
  private var count = 0

  /// - Parameter size: the number of bytes to read in one call.
  init(size: Int) { buffer = .allocate(byteCount: size, alignment: 4096) }

  deinit { buffer.deallocate() }

  /// Returns the bytes at `offset`: at least one and at most `limit`, or none at the end of the
  /// file. They are valid until the next call.
  ///
  /// - Throws: `ArchiveError` when the file can't be read.
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

  /// Returns the number of bytes that is wanted, or fewer at the end of the file.
  ///
  /// - Throws: `ArchiveError` when the file can't be read.
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
