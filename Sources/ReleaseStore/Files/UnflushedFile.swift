internal import Linux
internal import ReleaseModel
internal import StoreSupport

extension Store {
  /// Replaces a file of `.releases` that no recovery depends on, in one step and without a flush.
  ///
  /// - Parameters:
  ///   - name: the name of the file.
  ///   - line: its sealed line.
  /// - Throws: an error when it can't be replaced; it is as before then.
  func replaceUnflushed(_ name: String, by line: [UInt8]) throws(SystemError) {
    let temporary = Layout.temporaryName(for: name, uniqueSuffix())
    do throws(SystemError) {
      let file = try control.open(temporary, [.writeOnly, .create, .exclusive, .noFollow])
      try file.write(line + [UInt8(ascii: "\n")])
      try file.close()
      try control.rename(temporary, to: name)
    } catch {
      try? control.unlinkIfPresent(temporary)
      throw error
    }
  }
}
