internal import FoundationEssentials
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

/// The report of `show`: the details of one release.
struct ShowReport: Encodable, Sendable {
  struct PinReport: Encodable, Sendable {
    let reason: String
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
  ///   - storeArgument: the store that hints name with `--store`; nil for none.
  ///   - isUnconfirmed: whether its switch waits to be confirmed.
  init(
    _ id: ReleaseID, _ store: Store, _ snapshot: Snapshot, _ measured: ContentSize?,
    storeArgument: String?, isUnconfirmed: Bool
  ) {
    let release = ReleaseReport(
      id, snapshot, snapshot.diskUse, measured, storeArgument: storeArgument,
      unconfirmed: isUnconfirmed ? id : nil)
    self.store = store.path
    self.release = release
    path = store.path(Layout.releases, id.text)
    rollback = snapshot.rollbackTarget == id
    adopted = release.entry?.adopted == true
    _pin = OrNull(
      wrappedValue: release.entry?.pin.map { PinReport(reason: $0.reason, since: $0.since) })
    _archiveSha256 = OrNull(wrappedValue: release.entry?.archiveDigest)
    _signer = OrNull(wrappedValue: release.entry?.signer)
    _manifestSha256 = OrNull(wrappedValue: release.entry?.manifestDigest)
  }

  func text(_ style: Style, now: Date) -> String {
    var roles = [release.state]
    if release.live { roles.append(release.unconfirmed ? "live, unconfirmed" : "live") }
    if release.previous { roles.append("previous") }
    if rollback { roles.append("rollback target") }
    return fieldText(
      [
        Field("release", release.id),
        Field("state", roles.joined(separator: ", "), release.emphasis),
        Field("reason", release.reason),
        Field("published", release.created.map { "\(localTime($0)), \(timeAgo($0, now: now))" }),
        Field(
          "last live",
          release.wentLiveBeforeAdoption
            ? "before it was adopted"
            : release.activated.map { "\(localTime($0)), \(timeAgo($0, now: now))" }),
        Field("ref", release.ref),
        Field("pinned", pin.map { "since \(localTime($0.since)): \($0.reason)" }),
        Field(
          "content",
          release.bytes.map { "\(sizeText($0)) in \(counted(release.files ?? 0, "file"))" }),
        Field(
          "on disk",
          release.sharedBytes.flatMap { shared in
            shared == 0
              ? nil
              : "\(sizeText(release.ownBytes ?? 0)) not shared, \(sizeText(shared)) shared"
          }),
        Field("origin", adopted ? "adopted by init" : nil),
        Field("signed by", signer.map { "\($0.identity), for \($0.namespace)" }),
        Field("signed with", signer.map { "\($0.keyType) \($0.fingerprint)" }),
        // The names are short, so that a digest fits a line of 80 columns.
        Field("sha256", archiveSha256),
        Field("manifest", manifestSha256),
        Field("path", path),
      ], style)
  }
}
