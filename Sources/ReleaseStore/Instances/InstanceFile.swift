package import ReleaseModel
internal import StoreSupport

/// The file `.releases/instances.json`, which records where instances were started. It is never flushed:
/// no instance survives a power failure. A failure to write it is ignored, since a start must not fail for
/// it; it is needed only if the configuration is changed before the next switch.
package struct InstanceFile: Sendable {
  let store: Store
}

extension Store {
  /// The file that records where instances were started.
  package var instanceFile: InstanceFile { InstanceFile(store: self) }
}

extension InstanceFile {
  /// Replaces the record.
  package func write(_ record: InstanceRecord) {
    store.replaceUnflushed(Layout.instances, by: record)
  }

  /// Reads the record; an empty one when there is none.
  package func read() -> InstanceRecord {
    guard let bytes = try? store.control.readStoreFile(Layout.instances, .instances),
      let record = SealedLine.open(
        InstanceRecord.self, bytes.prefix { $0 != UInt8(ascii: "\n") })
    else { return InstanceRecord([]) }
    return record
  }
}
