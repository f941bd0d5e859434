internal import Linux
internal import ReleaseModel
internal import StoreSupport

extension Store {
  /// Replaces a file of `.releases` that nothing depends on, in one step and without a flush. A failure is
  /// ignored, and keeps the earlier file.
  ///
  /// - Parameters:
  ///   - name: the name of the file.
  ///   - value: what its sealed line contains.
  func replaceUnflushed(_ name: String, by value: some Encodable) {
    let temporary = Layout.temporaryName(for: name, uniqueSuffix())
    do {
      let line = try SealedLine.seal(value) + [UInt8(ascii: "\n")]
      let file = try control.open(temporary, [.writeOnly, .create, .exclusive, .noFollow])
      try file.write(line)
      try file.close()
      try control.rename(temporary, to: name)
    } catch {
      try? control.unlinkIfPresent(temporary)
    }
  }
}
