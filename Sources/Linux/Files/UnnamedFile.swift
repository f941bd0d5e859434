internal import CLinux
internal import Glibc

extension Descriptor {
  /// Makes a file without a name on this directory's file system; it is gone once it is closed, see
  /// O_TMPFILE in open(2). Where that is missing, the file has a name for a moment, and a process
  /// that is killed at that moment leaves an empty file.
  ///
  /// - Throws: `SystemError` where this directory takes no new files.
  package func openUnnamedFile() throws(SystemError) -> Descriptor {
    let flags = O_RDWR | O_DIRECTORY | Int32(CLINUX_O_TMPFILE_BIT) | O_EXCL | O_CLOEXEC
    do throws(SystemError) {
      return Descriptor(
        owning: try attempt("openat", path) { openat(raw, ".", flags, 0o600) })
    } catch let error where error.errno.isUnsupported || error.errno == .isADirectory {
      let name = ".releases-\(UInt64.random(in: .min ... .max))"
      let file = try open(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
      try unlink(name)
      return file
    }
  }

  /// Makes a file in memory that has no name and is gone once its last descriptor is closed, see
  /// memfd_create(2). Without that call the file lies in a directory for temporary files. Another
  /// program that inherits it can open it as `/proc/self/fd/N` and read it from its beginning.
  ///
  /// - Parameter name: the name that `/proc` shows.
  /// - Throws: `SystemError` when the file can't be made or written.
  package static func inMemory(
    _ name: String, _ content: [UInt8]
  ) throws(SystemError) -> Descriptor {
    let file = try openInMemory(name)
    try file.write(content)
    return file
  }

  private static func openInMemory(_ name: String) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      return Descriptor(
        owning: try attempt("memfd_create") { memfd_create(name, UInt32(CLINUX_MFD_CLOEXEC)) })
    } catch let error where error.errno.isUnsupported {
      for place in ["/dev/shm", "/tmp", "/var/tmp"] {
        do throws(SystemError) { return try openDirectory(place).openUnnamedFile() } catch {
          continue
        }
      }
      throw error
    }
  }
}
