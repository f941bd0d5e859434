internal import CLinux
internal import Glibc

extension Descriptor {
  /// Makes content and all metadata durable; see fsync(2).
  ///
  /// - Throws: `SystemError` if fsync(2) fails. Do not try again; see ``SystemError/isLostWrite``.
  package func sync() throws(SystemError) {
    try systemCall("fsync", path) { fsync(raw) }
  }

  /// Makes content durable; see fdatasync(2).
  ///
  /// - Throws: `SystemError` if fdatasync(2) fails. Do not try again; see
  ///   ``SystemError/isLostWrite``.
  package func syncData() throws(SystemError) {
    try systemCall("fdatasync", path) { fdatasync(raw) }
  }

  /// Makes the whole file system durable; see syncfs(2). The call reports write-back errors that
  /// happened since this descriptor was opened, so open it before the first write.
  ///
  /// - Throws: `SystemError` if syncfs(2) fails. Do not try again; see ``SystemError/isLostWrite``.
  package func syncFileSystem() throws(SystemError) {
    try systemCall("syncfs", path) { syncfs(raw) }
  }
}
