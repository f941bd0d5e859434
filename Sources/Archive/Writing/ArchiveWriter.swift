internal import CArchive
package import Linux

/// Writes a small tar archive in ustar format, compressed with gzip, in memory. The same members
/// give the same bytes. See archive_write(3).
package final class ArchiveWriter {
  /// A failed call of libarchive.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The C function, for example "archive_write_header".
    package let call: String
    /// libarchive's message; see archive_error_string(3).
    package let message: String

    package var description: String { "\(message) (\(call))" }
  }

  /// The bytes so far. libarchive's callback refers to this object instead of the writer, since
  /// archive_write_free(3) calls it while the writer is deinitialized.
  private final class Output {
    var bytes: [UInt8] = []
  }

  private let handle: OpaquePointer
  private let output = Output()

  /// Starts an archive.
  ///
  /// - Throws: `Failure` when libarchive is out of memory.
  package init() throws(Failure) {
    guard let handle = archive_write_new() else {
      throw Failure(call: "archive_write_new", message: "out of memory")
    }
    self.handle = handle
    try check("archive_write_set_format_ustar", archive_write_set_format_ustar(handle))
    try check("archive_write_add_filter_gzip", archive_write_add_filter_gzip(handle))
    // The header of the gzip would otherwise contain the current time.
    try check(
      "archive_write_set_filter_option",
      archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
    // The compressed bytes are not padded to a block.
    try check(
      "archive_write_set_bytes_in_last_block", archive_write_set_bytes_in_last_block(handle, 1))
    try check(
      "archive_write_open",
      archive_write_open(
        handle, Unmanaged.passUnretained(output).toOpaque(), nil,
        { _, context, bytes, count in
          guard let context, let bytes else { return -1 }
          let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
          output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
          return count
        }, nil))
  }

  deinit { archive_write_free(handle) }

  /// Adds a regular file that belongs to root.
  ///
  /// - Parameters:
  ///   - name: the path in the archive, relative; at most 255 bytes, in ASCII.
  ///   - content: the content.
  ///   - permissions: the permission bits, 0 to 0o7777.
  ///   - modified: the modification time, in whole seconds since 1970.
  /// - Throws: `Failure` when the format can't store the name or the time.
  package func addFile(
    _ name: String, _ content: [UInt8], permissions: FileMode, modified: FileTime
  ) throws(Failure) {
    guard let entry = archive_entry_new() else {
      throw Failure(call: "archive_entry_new", message: "out of memory")
    }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_filetype(entry, Self.regularFile)
    archive_entry_set_perm(entry, permissions)
    archive_entry_set_size(entry, Int64(content.count))
    archive_entry_set_mtime(entry, Int(modified.seconds), 0)
    try check("archive_write_header", archive_write_header(handle, entry))
    guard archive_write_data(handle, content, content.count) == content.count else {
      throw failure("archive_write_data")
    }
  }

  /// Ends the archive and returns its bytes. Nothing can be added afterwards.
  ///
  /// - Throws: `Failure` when libarchive fails.
  package func finish() throws(Failure) -> [UInt8] {
    try check("archive_write_close", archive_write_close(handle))
    return output.bytes
  }

  /// The file type AE_IFREG; see archive_entry_filetype(3).
  private static let regularFile: UInt32 = 0o100000

  private func check(_ call: String, _ code: Int32) throws(Failure) {
    if code != ARCHIVE_OK { throw failure(call) }
  }

  private func failure(_ call: String) -> Failure {
    let message = archive_error_string(handle).map { displayed(String(cString: $0).utf8) }
    return Failure(call: call, message: message ?? "unknown error")
  }
}
