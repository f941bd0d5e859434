package import Archive
package import Linux

/// What is asked of a new release.
package struct PublishRequest: Sendable {
  /// Nil for the next one by the clock.
  package var id: ReleaseID?
  package var ref: String?
  package var expected = ExpectedArchive()
  /// Of the archive; verified in any case.
  package var signature: Signature?
  /// Nil for what the configuration says.
  package var stripComponents: Int?
  /// How long to wait for the store's lock each time, in seconds.
  package var wait: Double
  /// Told while it goes on, always by the thread that publishes.
  package var tell: @Sendable (PublishEvent) -> Void = { _ in }

  package init(wait: Double) { self.wait = wait }
}

/// What is going on in a publication.
package enum PublishEvent: Sendable {
  /// Some ten times a second; with the archive's size in bytes where it is known.
  case unpacking(UnpackProgress, of: Int64?)
  /// All is written, and goes to the disk.
  case flushing
  /// The release is there; its prepare hook, if any, comes next.
  case published
}

/// What a publication would do.
package struct PublicationPlan: Sendable {
  package let id: ReleaseID
  /// What would go first, to make room.
  package let pruned: [RetentionDecision]
}

/// How a publication went.
package struct PublishResult: Sendable {
  package var entry: CatalogEntry
  package var warnings: [String]
  package var steps: [Step]
  /// What settling interrupted commands did.
  package var recovered: [String]
  /// The walls the archive was unpacked behind.
  package let layers: [Sandbox.Layer]
  /// What was removed to make room.
  package let pruned: [RetentionDecision]
}
