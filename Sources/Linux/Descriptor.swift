internal import CLinux
internal import Glibc
internal import Text

/// An open file or directory, closed when its owner goes. Every one is close-on-exec.
package struct Descriptor: ~Copyable, Sendable {
  package let raw: Int32

  /// Takes ownership of a descriptor some call has just returned.
  package init(owning raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  /// Closes and reports what close(2) says: on some file systems (NFS, quotas) the place where a
  /// write that was taken earlier is refused.
  package consuming func close() throws(SystemError) {
    let raw = self.raw
    discard self
    // Never tried again: on Linux the descriptor is gone even after EINTR.
    if Glibc.close(raw) == -1, Errno.current != .interrupted {
      throw SystemError(call: "close", errno: .current)
    }
  }

  /// The path the kernel knows this descriptor by; for messages.
  package var path: String? { Descriptor.path(of: raw) }

  /// The path of this directory beneath another, as the kernel knows both; nil when it does not lie
  /// there, or the path is not UTF-8.
  package func path(beneath directory: borrowing Descriptor) -> String? {
    guard let own = try? readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(raw)"),
      let base = try? readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(directory.raw)"),
      let rest = bytes(of: own, beneath: base)
    else { return nil }
    return String(validating: rest, as: UTF8.self)
  }

  static func path(of raw: Int32) -> String? {
    if raw == AT_FDCWD { return nil }
    return try? Linux.readLink(at: AT_FDCWD, "/proc/self/fd/\(raw)")
  }

  /// The full path of a name beneath this directory; for messages.
  func path(of name: String) -> String {
    if name.isAbsolutePath || raw == AT_FDCWD { return name }
    guard let path else { return name }
    return name == "." ? path : "\(path)/\(name)"
  }
}

// MARK: - Opening by path

/// What open(2) is asked for; the names are those of the C flags.
package struct OpenFlags: OptionSet, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let readOnly = OpenFlags([])
  package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
  package static let readWrite = OpenFlags(rawValue: O_RDWR)
  package static let create = OpenFlags(rawValue: O_CREAT)
  package static let exclusive = OpenFlags(rawValue: O_EXCL)
  package static let append = OpenFlags(rawValue: O_APPEND)
  package static let directory = OpenFlags(rawValue: O_DIRECTORY)
  package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
  /// Only to name what is there, whatever it is.
  package static let path = OpenFlags(rawValue: Int32(CLINUX_O_PATH))
  package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
}

extension Descriptor {
  /// Opens a path, absolute or relative to the working directory.
  package static func open(
    _ path: String, _ flags: OpenFlags = .readOnly, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try attempt("open", path) {
        Glibc.open(path, flags.rawValue | O_CLOEXEC, mode)
      })
  }

  /// A second descriptor of the same open file, such as standard input.
  package static func duplicate(_ raw: Int32) throws(SystemError) -> Descriptor {
    Descriptor(owning: try attempt("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 3) })
  }
}

// MARK: - Reading and writing

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
      guard error.errno.meansUnsupported else { throw error }
      let content = try read(count: Int(length), at: 0)
      let zeros = [UInt8](repeating: 0, count: Int(length) - content.count)
      return try write(content + zeros, at: 0)
    }
  }
}

// MARK: - Flushing

extension Descriptor {
  /// Makes content and all metadata durable, see fsync(2). A failure must not be tried again.
  package func sync() throws(SystemError) {
    try attempt("fsync", path) { fsync(raw) }
  }

  /// Makes content durable, see fdatasync(2). A failure must not be tried again.
  package func syncData() throws(SystemError) {
    try attempt("fdatasync", path) { fdatasync(raw) }
  }

  /// Makes the whole file system durable, see syncfs(2). Reports write-back errors that happened
  /// since this descriptor was opened, so open it before the first write.
  package func syncFileSystem() throws(SystemError) {
    try attempt("syncfs", path) { syncfs(raw) }
  }
}
