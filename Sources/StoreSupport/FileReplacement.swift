package import Linux
internal import ReleaseModel

extension Descriptor {
  /// Replaces a small file in this directory atomically: readers see
  /// either the old file or the new one, even after a power failure. The caller flushes the directory.
  ///
  /// - Parameters:
  ///   - name: the name of the file.
  ///   - content: the new content.
  ///   - suffix: makes the temporary name unique; see ``uniqueSuffix()``.
  ///   - mode: the permissions of the file, less the umask.
  /// - Throws: `SystemError` when the file can't be written or renamed; no temporary file is left
  ///   then.
  package func replaceFile(
    _ name: String, with content: [UInt8], suffix: String, mode: FileMode = 0o644
  ) throws(SystemError) {
    let temporary = Layout.temporaryName(for: name, suffix)
    do throws(SystemError) {
      try writeNewFile(temporary, content, mode: mode)
      try rename(temporary, to: name)
    } catch {
      try? unlink(temporary)
      throw error
    }
  }

  /// Writes a new file and flushes its content. The caller flushes the directory.
  ///
  /// - Parameters:
  ///   - name: the name of the file.
  ///   - content: its content.
  ///   - mode: its permissions, less the umask.
  /// - Throws: `SystemError` when the file exists, or can't be written or flushed.
  package func writeNewFile(
    _ name: String, _ content: [UInt8], mode: FileMode = 0o644
  ) throws(SystemError) {
    let file = try open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: mode)
    try file.write(content)
    try file.sync()
    try file.close()
  }

  /// Removes a file if it exists.
  ///
  /// - Throws: `SystemError` when an existing file can't be removed.
  package func unlinkIfPresent(_ name: String) throws(SystemError) {
    do throws(SystemError) {
      try unlink(name)
    } catch let error where error.errno == .noEntry {
      return
    }
  }
}
