internal import Linux
package import ReleaseModel
internal import StoreSupport

/// The file `.releases/confirmation.json`, in which a switch or a restart records how far its
/// confirmation has come, for `status`. Nothing depends on it, so it is never flushed, and a failure to write it is
/// ignored.
package struct ConfirmationFile: Sendable {
  let store: Store
}

extension Store {
  /// The file with the progress of the confirmation.
  package var confirmationFile: ConfirmationFile { ConfirmationFile(store: self) }
}

extension ConfirmationFile {
  /// Writes the progress, which replaces earlier progress. A full disk keeps the earlier one.
  package func write(_ progress: ConfirmationProgress) {
    guard let line = try? SealedLine.seal(progress) else { return }
    try? store.replaceUnflushed(Layout.confirmation, by: line)
  }

  /// Reads the progress; nil when there is none.
  package func read() -> ConfirmationProgress? {
    guard let bytes = try? store.control.readStoreFile(Layout.confirmation, .confirmation)
    else { return nil }
    return SealedLine.open(ConfirmationProgress.self, bytes.prefix { $0 != UInt8(ascii: "\n") })
  }

  /// Removes the progress of a switch that has ended. Progress that remains does no harm, because
  /// it names its switch.
  package func remove() { try? store.control.unlinkIfPresent(Layout.confirmation) }

  /// Removes what an interrupted switch left, unless it says something about the service.
  package func removeLeftover() {
    if read()?.isRecord != true { remove() }
  }
}
