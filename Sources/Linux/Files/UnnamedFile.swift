internal import CLinux
internal import Glibc

extension Descriptor {
  /// Makes a file without a name on the file system of this directory, see O_TMPFILE in open(2).
  /// The kernel frees it once it is closed. If O_TMPFILE is missing, the file has a name for a
  /// moment, and a process that is killed at that moment leaves an empty file.
  ///
  /// - Throws: `SystemError` if no file can be made in this directory.
  package func openUnnamedFile() throws(SystemError) -> Descriptor {
    let flags = O_RDWR | O_DIRECTORY | Int32(CLINUX_O_TMPFILE_BIT) | O_EXCL | O_CLOEXEC
    do throws(SystemError) {
      return Descriptor(
        owning: try systemCall("openat", path) { openat(raw, ".", flags, 0o600) })
    } catch let error where error.errno.isUnsupported || error.errno == .isADirectory {
      let name = ".releases-\(UInt64.random(in: .min ... .max))"
      let file = try open(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
      try unlink(name)
      return file
    }
  }

  /// Makes a file in memory that has no name; see memfd_create(2). The kernel frees it once its
  /// last descriptor is closed. If the call is missing, the file lies in a directory for temporary
  /// files. A program that inherits the file can open it as `/proc/self/fd/N` and read it from its
  /// beginning.
  ///
  /// - Parameters:
  ///   - name: the name that `/proc` shows.
  ///   - content: the bytes of the file; the position is at their end.
  /// - Returns: the file, open for reading and writing.
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
        owning: try systemCall("memfd_create") { memfd_create(name, UInt32(CLINUX_MFD_CLOEXEC)) })
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
