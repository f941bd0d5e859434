internal import FoundationEssentials
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

/// The report of `show`: the details of one release.
struct ShowReport: Encodable, Sendable {
  struct PinReport: Encodable, Sendable {
    let reason: Message
    let since: Date
  }

  var schema = 1
  let store: String
  let release: ReleaseReport
  let path: String
  /// Whether it is the rollback target.
  let rollback: Bool
  let adopted: Bool
  @OrNull var pin: PinReport?
  @OrNull var archiveSha256: String?
  /// Who signed the archive.
  @OrNull var signer: Signer?
  @OrNull var manifestSha256: String?

  /// - Parameters:
  ///   - id: the release.
  ///   - store: the store.
  ///   - snapshot: its facts.
  ///   - measured: the disk space of the release, as measured; nil to use the record.
  ///   - reader: who reads the hints.
  ///   - isUnconfirmed: whether its switch waits to be confirmed.
  ///   - instances: the instances of the service; nil if it has none.
  init(
    _ id: ReleaseID, _ store: Store, _ snapshot: Snapshot, _ measured: ContentSize?,
    reader: HintReader, isUnconfirmed: Bool, _ instances: InstanceOverview?
  ) {
    let release = ReleaseReport(
      id, snapshot, snapshot.diskUse, measured, reader: reader,
      unconfirmed: isUnconfirmed ? id : nil, instances)
    self.store = store.path
    self.release = release
    path = store.path(Layout.releases, id.text)
    rollback = snapshot.rollbackTarget == id
    adopted = release.entry?.adopted == true
    _pin = OrNull(
      wrappedValue: release.entry?.pin.map {
        PinReport(reason: Message(verbatim: $0.reason), since: $0.since)
      })
    _archiveSha256 = OrNull(wrappedValue: release.entry?.archiveDigest)
    _signer = OrNull(wrappedValue: release.entry?.signer)
    _manifestSha256 = OrNull(wrappedValue: release.entry?.manifestDigest)
  }

  func text(_ style: Style, now: Date) -> String {
    var roles = [release.state]
    if release.live { roles.append(release.unconfirmed ? "live, unconfirmed" : "live") }
    if release.previous { roles.append("previous") }
    if rollback { roles.append("rollback target") }
    if let role = release.instanceRole { roles.append("its instance is \(role)") }
    return fieldText(
      [
        Field("release", verbatim: release.id),
        Field("state", verbatim: roles.joined(separator: ", "), release.emphasis),
        Field("reason", release.reason),
        Field(
          "published",
          verbatim: release.created.map { "\(localTime($0)), \(timeAgo($0, now: now))" }),
        Field(
          "last live",
          verbatim: release.wentLiveBeforeAdoption
            ? "before it was adopted"
            : release.activated.map { "\(localTime($0)), \(timeAgo($0, now: now))" }),
        Field("ref", verbatim: release.ref),
        Field("pinned", pin.map { "since \(localTime($0.since)): \($0.reason)" }),
        Field(
          "content",
          verbatim: release.bytes.map {
            "\(sizeText($0)) in \(counted(release.files ?? 0, "file"))"
          }),
        Field(
          "on disk",
          verbatim: release.sharedBytes.flatMap { shared in
            shared == 0
              ? nil
              : "\(sizeText(release.ownBytes ?? 0)) not shared, \(sizeText(shared)) shared"
          }),
        Field("origin", adopted ? "adopted by init" : nil),
        Field("signed by", signer.map { "\($0.identity), for \($0.namespace)" }),
        Field("signed with", signer.map { "\($0.keyType) \($0.fingerprint)" }),
        // The names are short, so that a digest fits a line of 80 columns.
        Field("sha256", verbatim: archiveSha256),
        Field("manifest", verbatim: manifestSha256),
        Field("path", "\(path: path)"),
      ], style)
  }
}
