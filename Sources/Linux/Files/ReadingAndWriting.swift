internal import Glibc

extension Descriptor {
  /// Reads once; 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try attempt("read", path) { Glibc.read(raw, buffer.baseAddress, buffer.count) }
  }

  /// Reads once into an array, from its start; 0 at the end.
  package func read(into bytes: inout [UInt8]) throws(SystemError) -> Int {
    try attempt("read", path) {
      bytes.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
    }
  }

  /// Reads `count` bytes, fewer only at the end, and not one more.
  package func readExactly(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try attempt("read", path) {
        bytes.withUnsafeMutableBytes {
          Glibc.read(raw, $0.baseAddress! + filled, count - filled)
        }
      }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Reads once from `offset`; 0 at the end of the file. See pread(2).
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SystemError) -> Int {
    try attempt("pread", path) { pread(raw, buffer.baseAddress, buffer.count, Int(offset)) }
  }

  /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
  package func read(count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try attempt("pread", path) {
        bytes.withUnsafeMutableBytes {
          pread(raw, $0.baseAddress! + filled, count - filled, Int(offset) + filled)
        }
      }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Reads to the end from where the file stands, refusing more than `limit` bytes (EFBIG).
  package func readAll(limit: Int = 256 << 20) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let got = try read(into: chunk)
      if got == 0 { return bytes }
      if bytes.count + got > limit {
        throw SystemError(call: "read", path: path, errno: Errno(rawValue: EFBIG))
      }
      bytes.append(contentsOf: chunk[..<got])
    }
  }

  /// Writes all of it, however many calls that takes.
  package func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = buffer
    while !rest.isEmpty {
      let written = try attempt("write", path) { Glibc.write(raw, rest.baseAddress, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Writes all of it, however many calls that takes.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    let failure: SystemError? = bytes.withUnsafeBytes { buffer in
      do throws(SystemError) {
        try write(buffer)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Writes all of it in place, see pwrite(2).
  package func write(_ bytes: [UInt8], at offset: Int64) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      done += try attempt("pwrite", path) {
        bytes.withUnsafeBytes {
          pwrite(raw, $0.baseAddress! + done, bytes.count - done, Int(offset) + done)
        }
      }
    }
  }

  /// Moves on without writing, leaving a hole of `count` bytes before what is written next; one at
  /// the very end needs `truncate` too. See lseek(2).
  package func skip(_ count: Int64) throws(SystemError) {
    try attempt("lseek", path) { lseek(raw, Int(count), SEEK_CUR) }
  }

  /// What there is from here to the end of a regular file, in bytes; nil for anything else, which
  /// may go on. See lseek(2).
  package func bytesLeft() throws(SystemError) -> Int64? {
    let status = try status()
    guard status.kind == .file else { return nil }
    return max(0, status.size - Int64(try attempt("lseek", path) { lseek(raw, 0, SEEK_CUR) }))
  }

  /// Goes back to the file's beginning, see lseek(2).
  package func rewind() throws(SystemError) {
    try attempt("lseek", path) { lseek(raw, 0, SEEK_SET) }
  }

  /// Sets the file's length, see ftruncate(2).
  package func truncate(to length: Int64) throws(SystemError) {
    try attempt("ftruncate", path) { ftruncate(raw, Int(length)) }
  }

  /// Reserves blocks, so that later writes there can't run out of space, see posix_fallocate(3).
  /// Where that call is missing, the content is rewritten and padded with zeros.
  ///
  /// - Parameter length: bytes from the beginning of the file; a shorter file grows to this length.
  /// - Throws: `SystemError` when the file system is out of space, or the file can't be written.
  package func allocate(_ length: Int64) throws(SystemError) {
    // This one returns its error, and leaves `errno` alone.
    while case let code = posix_fallocate(raw, 0, Int(length)), code != 0 {
      if code == EINTR { continue }
      let error = SystemError(call: "posix_fallocate", path: path, errno: Errno(rawValue: code))
      guard error.errno.isUnsupported else { throw error }
      let content = try read(count: Int(length), at: 0)
      let zeros = [UInt8](repeating: 0, count: Int(length) - content.count)
      return try write(content + zeros, at: 0)
    }
  }
}

/// Reads a whole text file, such as one beneath `/proc`. Bytes that are not UTF-8 are replaced.
///
/// - Throws: `SystemError` as open(2) and read(2).
func readText(_ path: String) throws(SystemError) -> String {
  String(decoding: try Descriptor.open(path).readAll(), as: UTF8.self)
}
