internal import FoundationEssentials
internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The file `.releases/freeze.json`, which exists while the store is frozen.
package struct FreezeFile: Sendable {
  let store: Store
}

extension Store {
  /// The freeze file.
  package var freezeFile: FreezeFile { FreezeFile(store: self) }
}

extension FreezeFile {
  /// Reads the current freeze; nil when the store is not frozen. A corrupt file freezes the store
  /// too.
  ///
  /// - Throws: an error when the file can't be read.
  package func read() throws(ReleasesError) -> Freeze? {
    let bytes = try withErrorMessage("can't read \(Layout.freeze)") {
      () throws(SystemError) -> [UInt8]? in
      do throws(SystemError) {
        return try store.control.readStoreFile(Layout.freeze, .freeze)
      } catch let error where error.errno == .noEntry {
        return nil
      }
    }
    guard let bytes else { return nil }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    return SealedLine.open(Freeze.self, line)
      ?? Freeze(
        reason: "\(Layout.freeze) is corrupt; thaw and freeze again",
        since: Date(timeIntervalSince1970: 0), user: "unknown")
  }

  /// Freezes the store, durably.
  ///
  /// - Throws: an error when the file can't be written.
  func write(_ freeze: Freeze) throws(ReleasesError) {
    let line = try SealedLine.seal(freeze) + [UInt8(ascii: "\n")]
    try withErrorMessage("can't freeze the store") { () throws(SystemError) in
      try store.control.replaceFile(Layout.freeze, with: line, suffix: uniqueSuffix())
      try store.control.sync()
    }
  }

  /// Thaws the store, durably.
  ///
  /// - Throws: an error when the file can't be removed.
  func remove() throws(ReleasesError) {
    try withErrorMessage("can't thaw the store") { () throws(SystemError) in
      try store.control.unlinkIfPresent(Layout.freeze)
      try store.control.sync()
    }
  }
}
