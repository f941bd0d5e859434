package import FoundationEssentials

/// How far a release has come, and what became of it. Whether it is live the links alone say.
package enum ReleaseState: String, Codable, Sendable {
  /// Its files are there; it has not been made ready.
  case unpacked
  /// Its prepare hook is running.
  case preparing
  /// May go live.
  case ready
  /// Its prepare hook failed.
  case failed
  /// Failed its health check, was rolled back from, or was marked.
  case bad
}

/// A release kept from pruning.
package struct Pin: Codable, Equatable, Sendable {
  package let reason: String
  package let since: Date

  package init(reason: String, since: Date) {
    self.reason = reason
    self.since = since
  }
}

/// What is known of a release: the content of `catalog/<id>.json`.
package struct CatalogEntry: Codable, Equatable, Sendable {
  package var format = Layout.format
  package let id: ReleaseID
  /// Orders releases; given by the journal when the release was published.
  package let sequence: UInt64
  package var state: ReleaseState
  /// Why it is in that state, where there is something to say.
  package var reason: String?
  /// When it became bad; it is retained for a day from then, so that people can look at it.
  package var badSince: Date?
  /// When it was published.
  package let created: Date
  /// When it last went live.
  package var activated: Date?
  /// The journal's number of that switch; orders the releases by when they were live.
  package var activation: UInt64?
  package var files: Int
  package var bytes: Int64
  /// How many bytes of its files it got from which releases when it was published, by their ids;
  /// nil for none.
  package var shared: [String: Int64]?
  /// What it was built from: a commit or a tag.
  package var ref: String?
  package var pin: Pin?
  /// SHA-256 of the archive it came from, in hexadecimal; nil for an adopted release.
  package var archiveDigest: String?
  /// Who signed that archive; nil when no signature was given.
  package var signer: Signer?
  /// SHA-256 of its manifest file, in hexadecimal.
  package var manifestDigest: String?
  /// It was there before the store was.
  package var adopted: Bool?
  /// While it is prepared: the stage in `staging/` whose lock says that whoever does so lives.
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
