internal import Glibc

extension Descriptor {
  /// Reads once and returns the number of bytes; 0 at the end. See read(2).
  ///
  /// - Throws: `SystemError` if read(2) fails.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try systemCall("read", path) { Glibc.read(raw, buffer.baseAddress, buffer.count) }
  }

  /// Reads once into the beginning of an array and returns the number of bytes; 0 at the end. See
  /// read(2).
  ///
  /// - Throws: `SystemError` if read(2) fails.
  package func read(into bytes: inout [UInt8]) throws(SystemError) -> Int {
    try systemCall("read", path) {
      bytes.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
    }
  }

  /// Reads `count` bytes, or fewer at the end of the file. It never reads beyond them.
  ///
  /// - Throws: `SystemError` if read(2) fails.
  package func readExactly(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try systemCall("read", path) {
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

  /// Reads once from `offset` and returns the number of bytes; 0 at the end. See pread(2).
  ///
  /// - Throws: `SystemError` if pread(2) fails.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SystemError) -> Int {
    try systemCall("pread", path) { pread(raw, buffer.baseAddress, buffer.count, Int(offset)) }
  }

  /// Reads `count` bytes from `offset`, or fewer at the end of the file. See pread(2).
  ///
  /// - Throws: `SystemError` if pread(2) fails.
  package func read(count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try systemCall("pread", path) {
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

  /// Reads from the current position to the end of the file.
  ///
  /// - Parameter limit: the largest number of bytes to accept.
  /// - Returns: all bytes.
  /// - Throws: `SystemError` if read(2) fails; EFBIG if there are more bytes than `limit`.
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

  /// Reads from the current position to the end of the file, or of a pipe that was opened without
  /// blocking.
  ///
  /// - Parameters:
  ///   - limit: the largest number of bytes to accept.
  ///   - seconds: how long to wait for the end.
  /// - Returns: all bytes.
  /// - Throws: `SystemError` if read(2) or poll(2) fails; EFBIG if there are more bytes than `limit`,
  ///   ETIMEDOUT if the end does not come in time.
  package func readAll(limit: Int, within seconds: Double) throws(SystemError) -> [UInt8] {
    let deadline = Clock.monotonicSeconds() + seconds
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let left = deadline - Clock.monotonicSeconds()
      guard left > 0, try waitReadable(seconds: left) else {
        throw SystemError(call: "read", path: path, errno: .timedOut)
      }
      let got = try read(into: chunk)
      if got == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<got])
      if bytes.count > limit {
        throw SystemError(call: "read", path: path, errno: Errno(rawValue: EFBIG))
      }
    }
  }

  /// Writes all bytes, in as many calls as necessary. See write(2).
  ///
  /// - Throws: `SystemError` if write(2) fails.
  package func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = buffer
    while !rest.isEmpty {
      let written = try systemCall("write", path) { Glibc.write(raw, rest.baseAddress, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Writes all bytes, in as many calls as necessary. See write(2).
  ///
  /// - Throws: `SystemError` if write(2) fails.
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

  /// Writes all bytes from `offset` on; see pwrite(2).
  ///
  /// - Throws: `SystemError` if pwrite(2) fails.
  package func write(_ bytes: [UInt8], at offset: Int64) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      done += try systemCall("pwrite", path) {
        bytes.withUnsafeBytes {
          pwrite(raw, $0.baseAddress! + done, bytes.count - done, Int(offset) + done)
        }
      }
    }
  }

  /// Moves the position forward by `count` bytes, so that the next write leaves a hole before it. A
  /// hole at the end of the file also needs `truncate`. See lseek(2).
  ///
  /// - Throws: `SystemError` if lseek(2) fails.
  package func skip(_ count: Int64) throws(SystemError) {
    try systemCall("lseek", path) { lseek(raw, Int(count), SEEK_CUR) }
  }

  /// Returns the number of bytes from the current position to the end of a regular file; nil for
  /// pipes and other files without a known end. See lseek(2).
  ///
  /// - Throws: `SystemError` if fstat(2) or lseek(2) fails.
  package func bytesLeft() throws(SystemError) -> Int64? {
    let status = try status()
    guard status.kind == .file else { return nil }
    return max(0, status.size - Int64(try systemCall("lseek", path) { lseek(raw, 0, SEEK_CUR) }))
  }

  /// Moves the position to the beginning of the file; see lseek(2).
  ///
  /// - Throws: `SystemError` if lseek(2) fails.
  package func rewind() throws(SystemError) {
    try systemCall("lseek", path) { lseek(raw, 0, SEEK_SET) }
  }

  /// Sets the length of the file; see ftruncate(2).
  ///
  /// - Throws: `SystemError` if ftruncate(2) fails.
  package func truncate(to length: Int64) throws(SystemError) {
    try systemCall("ftruncate", path) { ftruncate(raw, Int(length)) }
  }

  /// Reserves blocks, so that later writes can't run out of space; see posix_fallocate(3). If that
  /// call is missing, the content is rewritten and padded with zeros.
  ///
  /// - Parameter length: bytes from the beginning of the file; a shorter file grows to this length.
  /// - Throws: `SystemError` when the file system is out of space, or the file can't be written.
  package func allocate(_ length: Int64) throws(SystemError) {
    // This function returns the error number and does not set `errno`.
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
/// - Throws: `SystemError` if open(2) or read(2) fails.
func readText(_ path: String) throws(SystemError) -> String {
  String(decoding: try Descriptor.open(path).readAll(), as: UTF8.self)
}
