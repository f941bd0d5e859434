package import Archive
package import HostPrograms
package import Linux
package import ReleaseModel
package import Text

/// A request to publish a new release.
package struct PublishRequest: Sendable {
  /// The ID of the release; nil for the next ID by the clock.
  package var id: ReleaseID?
  /// The commit or tag that the release was built from; nil for none.
  package var ref: String?
  /// The digest and size that the archive must have.
  package var expected = ExpectedArchive()
  /// The signature of the archive; verified even when none is required.
  package var signature: Signature?
  /// How many leading directories to remove from each name; nil for the configured number.
  package var stripComponents: Int?
  /// The name of the archive for hints; nil for standard input.
  package var archiveName: String?
  /// The command that was given, for hints.
  package var command = "unpack"
  /// The options of the command that a repetition of it should have, for hints.
  package var repeatedOptions: [String] = []
  /// How long the archive may take to arrive, in seconds, if an SSH key sends it; nil for any time.
  package var arrivalTime: Int?
  /// How long to wait for the store's lock each time, in seconds.
  package var wait: Double
  /// Receives the progress, on the thread that publishes.
  package var progress: @Sendable (PublishEvent) -> Void = { _ in }

  package init(wait: Double) { self.wait = wait }
}

/// What is known of the size of an archive before it is read.
enum ArchiveSize: Equatable, Sendable {
  /// The size of a file, in bytes.
  case measured(Int64)
  /// The size in bytes that the sender of a stream announced, which proves nothing.
  case claimed(Int64)
  case unknown

  /// The number of bytes to expect; nil when it is unknown.
  var expected: Int64? {
    switch self {
    case .measured(let bytes), .claimed(let bytes): bytes
    case .unknown: nil
    }
  }

  /// Whether the size is a fact, for which releases may be removed.
  var isMeasured: Bool { if case .measured = self { true } else { false } }
}

/// The progress of a publication.
package enum PublishEvent: Sendable {
  /// This event comes about ten times a second, with the size of the archive in bytes; nil when that
  /// is unknown.
  case unpacking(UnpackProgress, of: Int64?)
  /// Everything is written, and is being flushed to the disk.
  case flushing
  /// The release has its name; its prepare hook, if any, comes next.
  case published
}

/// What a publication would do.
package struct PublicationPlan: Sendable {
  package let id: ReleaseID
  /// The releases that would be removed first, to make space.
  package let pruned: [RetentionDecision]
  /// What is recovered first, and what it leaves.
  package let outlook: RecoveryOutlook
}

/// How a publication ended.
package struct PublishResult: Sendable {
  package var entry: CatalogEntry
  package var warnings: [Notice]
  package var steps: [Step]
  /// What the recovery of interrupted commands did.
  package var recovered: [Message]
  /// How to publish the archive again without its only directory; nil when it has more at the top, or the
  /// operator has said what to remove.
  package var withoutDirectory: Hint?
  /// The sandbox layers around the unpack worker.
  package let layers: [Sandbox.Layer]
  /// The releases that were removed to make space.
  package let pruned: [RetentionDecision]
}
