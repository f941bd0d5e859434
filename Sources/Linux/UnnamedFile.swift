internal import CLinux
internal import Glibc

extension Descriptor {
  /// A file without a name on this directory's file system, gone once it is closed, see O_TMPFILE
  /// in open(2). Where that is missing, the file has a name for a moment: what is killed in between
  /// leaves it, empty.
  ///
  /// - Throws: `SystemError` where this directory takes no new files.
  package func openUnnamedFile() throws(SystemError) -> Descriptor {
    let flags = O_RDWR | O_DIRECTORY | Int32(CLINUX_O_TMPFILE_BIT) | O_EXCL | O_CLOEXEC
    do throws(SystemError) {
      return Descriptor(
        owning: try attempt("openat", path) { openat(raw, ".", flags, 0o600) })
    } catch let error where error.errno.meansUnsupported || error.errno == .isADirectory {
      let name = ".releases-\(UInt64.random(in: .min ... .max))"
      let file = try open(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
      try unlink(name)
      return file
    }
  }

  /// A file that has no name and goes with its last descriptor, see memfd_create(2); without that
  /// call it lies in a directory for temporary files. Another program that inherits it can open it
  /// anew as `/proc/self/fd/N`, from its beginning.
  ///
  /// - Parameter name: for people who look into `/proc`.
  /// - Throws: `SystemError` when there is no place for it.
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
    } catch let error where error.errno.meansUnsupported {
      for place in ["/dev/shm", "/tmp", "/var/tmp"] {
        do throws(SystemError) { return try openDirectory(place).openUnnamedFile() } catch {
          continue
        }
      }
      throw error
    }
  }
}
