package import FoundationEssentials
internal import Linux
package import ReleaseModel
internal import StoreSupport
package import Text

/// The file `.releases/abort.json`, which `releases abort` writes for the switch that waits for its
/// confirmation.
package struct AbortFile: Sendable {
  let store: Store
}

extension Store {
  /// The file with the abort request.
  package var abortFile: AbortFile { AbortFile(store: self) }
}

/// A request to roll back the switch that waits for its confirmation.
package struct AbortRequest: Codable, Sendable {
  package private(set) var format = Layout.format
  /// The journal sequence of the switch, so that the request can't abort another one.
  package let sequence: UInt64
  /// The name of the user who requested the abort.
  package let user: String
  package let reason: String?
  package let requested: Date

  package init(sequence: UInt64, user: String, reason: Message?, requested: Date) {
    self.sequence = sequence
    self.user = user
    self.reason = reason?.text
    self.requested = requested
  }

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, sequence, user, reason
    case requested = "asked"
  }
}

extension AbortFile {
  /// Writes a request, which replaces an earlier one.
  ///
  /// - Throws: an error when the file can't be written.
  package func write(_ request: AbortRequest) throws(ReleasesError) {
    let line = try SealedLine.seal(request) + [UInt8(ascii: "\n")]
    try withErrorMessage("can't request the abort") { () throws(SystemError) in
      try store.control.replaceFile(Layout.abort, with: line, suffix: uniqueSuffix())
    }
  }

  /// Reads the request to abort a switch; nil when there is none for this switch.
  package func request(for entry: JournalEntry) -> AbortRequest? {
    guard
      let bytes = try? store.control.readStoreFile(Layout.abort, .abort),
      let request = SealedLine.open(AbortRequest.self, bytes.prefix { $0 != UInt8(ascii: "\n") }),
      request.sequence == entry.sequence
    else { return nil }
    return request
  }

  /// Removes a request that was granted or came too late. A request that remains does no harm,
  /// because it names its switch.
  package func remove() { try? store.control.unlinkIfPresent(Layout.abort) }
}
