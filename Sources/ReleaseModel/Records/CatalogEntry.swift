package import FoundationEssentials

/// The state of a release. Only the links say whether it is live.
package enum ReleaseState: String, Codable, Sendable {
  /// The release is published but not prepared.
  case unpacked
  /// The prepare hook is running.
  case preparing
  /// The release may go live.
  case ready
  /// The prepare hook failed.
  case failed
  /// The release failed its health check, was rolled back from, or was marked.
  case bad
}

/// A pin protects a release from pruning.
package struct Pin: Codable, Equatable, Sendable {
  package let reason: String
  package let since: Date

  package init(reason: String, since: Date) {
    self.reason = reason
    self.since = since
  }
}

/// The catalog entry of a release: the content of `catalog/<id>.json`.
package struct CatalogEntry: Codable, Equatable, Sendable {
  package var format = Layout.format
  package let id: ReleaseID
  /// The journal sequence of the publication, which orders the releases.
  package let sequence: UInt64
  package var state: ReleaseState
  /// Why the release is in its state.
  package var reason: String?
  /// When the release became bad. It is retained for one day from then, for inspection.
  package var badSince: Date?
  /// When the release was published.
  package let created: Date
  /// When the release last went live.
  package var activated: Date?
  /// The journal sequence of that switch, which orders the releases by when they were live.
  package var activation: UInt64?
  package var files: Int
  package var bytes: Int64
  /// How many bytes of its files the release got from other releases on publication, by their IDs;
  /// nil for none.
  package var shared: [String: Int64]?
  /// The commit or tag that the release was built from.
  package var ref: String?
  package var pin: Pin?
  /// The SHA-256 of the archive, in hexadecimal; nil for an adopted release.
  package var archiveDigest: String?
  /// The signer of that archive; nil when it was not signed.
  package var signer: Signer?
  /// The SHA-256 of the manifest file, in hexadecimal.
  package var manifestDigest: String?
  /// Whether the release existed before the store and was adopted.
  package var adopted: Bool?
  /// The stage in `staging/` whose lock shows that the preparation is still running; nil when the
  /// release is not in preparation.
  package var stage: String?

  package init(
    id: ReleaseID, sequence: UInt64, state: ReleaseState, reason: String? = nil,
    badSince: Date? = nil, created: Date, activated: Date? = nil, activation: UInt64? = nil,
    files: Int, bytes: Int64, shared: [String: Int64]? = nil, ref: String? = nil,
    pin: Pin? = nil, archiveDigest: String? = nil, signer: Signer? = nil,
    manifestDigest: String? = nil, adopted: Bool? = nil, stage: String? = nil
  ) {
    self.id = id
    self.sequence = sequence
    self.state = state
    self.reason = reason
    self.badSince = badSince
    self.created = created
    self.activated = activated
    self.activation = activation
    self.files = files
    self.bytes = bytes
    self.shared = shared
    self.ref = ref
    self.pin = pin
    self.archiveDigest = archiveDigest
    self.signer = signer
    self.manifestDigest = manifestDigest
    self.adopted = adopted
    self.stage = stage
  }

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, id, sequence, state, reason
    case badSince = "judged"
    case created, activated, activation, files, bytes, shared, ref, pin, archiveDigest, signer
    case manifestDigest, adopted, stage
  }
}
