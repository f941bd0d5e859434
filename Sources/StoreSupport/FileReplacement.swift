package import Linux
internal import ReleaseModel

extension Descriptor {
  /// Replaces a small file beneath this directory so that readers see the old or the new one, and
  /// a power failure leaves one of them. The directory itself is the caller's to `sync`.
  package func replaceFile(
    _ name: String, with content: [UInt8], suffix: String
  ) throws(SystemError) {
    let temporary = Layout.temporaryName(for: name, suffix)
    do throws(SystemError) {
      try writeNewFile(temporary, content)
      try rename(temporary, to: name)
    } catch {
      try? unlink(temporary)
      throw error
    }
  }

  /// Writes a file that was not there, durably but for its name.
  package func writeNewFile(_ name: String, _ content: [UInt8]) throws(SystemError) {
    let file = try open(name, [.writeOnly, .create, .exclusive, .noFollow])
    try file.write(content)
    try file.sync()
    try file.close()
  }

  /// Removes a name; that it is gone already is no error.
  package func unlinkIfPresent(_ name: String) throws(SystemError) {
    do throws(SystemError) {
      try unlink(name)
    } catch let error where error.errno == .noEntry {
      return
    }
  }
}
