internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The file `.releases/instances.json`, which records where instances were started. It is never flushed:
/// no instance survives a power failure.
package struct InstanceFile: Sendable {
  let store: Store
}

extension Store {
  /// The file that records where instances were started.
  package var instanceFile: InstanceFile { InstanceFile(store: self) }
}

extension InstanceFile {
  /// Replaces the record.
  ///
  /// - Throws: an error when it can't be replaced; it is as before then.
  package func write(_ record: InstanceRecord) throws(ReleasesError) {
    let path = store.path(Layout.control, Layout.instances)
    guard let line = try? SealedLine.seal(record) else {
      throw ReleasesError(.failed, "can't write \(path: path)")
    }
    try withErrorMessage("can't write \(path: path)") { () throws(SystemError) in
      try store.replaceUnflushed(Layout.instances, by: line)
    }
  }

  /// Reads the record; nil when there is none, or it can't be used.
  package func read() -> InstanceRecord? {
    guard let bytes = try? store.control.readStoreFile(Layout.instances, .instances),
      let record = SealedLine.open(
        InstanceRecord.self, bytes.prefix { $0 != UInt8(ascii: "\n") })
    else { return nil }
    return record
  }
}
