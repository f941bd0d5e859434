internal import FoundationEssentials
internal import ReleaseStore

/// All that is known of one release.
struct ShowReport: Encodable, Sendable {
  struct PinReport: Encodable, Sendable {
    let reason: String
    let since: Date
  }

  var schema = 1
  let store: String
  let release: ReleaseReport
  let path: String
  /// What a rollback would choose.
  let rollback: Bool
  let adopted: Bool
  @OrNull var pin: PinReport?
  @OrNull var archiveSha256: String?
  @OrNull var manifestSha256: String?

  init(_ id: ReleaseID, _ store: Store, _ snapshot: Snapshot) {
    let release = ReleaseReport(id, snapshot)
    self.store = store.path
    self.release = release
    path = store.path(Layout.releases, id.text)
    rollback = snapshot.rollbackTarget == id
    adopted = release.entry?.adopted == true
    _pin = OrNull(
      wrappedValue: release.entry?.pin.map { PinReport(reason: $0.reason, since: $0.since) })
    _archiveSha256 = OrNull(wrappedValue: release.entry?.archiveDigest)
    _manifestSha256 = OrNull(wrappedValue: release.entry?.manifestDigest)
  }

  func text(_ style: Style, now: Date) -> String {
    var roles = [release.state]
    if release.live { roles.append("live") }
    if release.previous { roles.append("previous") }
    if rollback { roles.append("what a rollback would choose") }
    return fieldText(
      [
        ("release", release.id),
        ("state", release.emphasis.apply(roles.joined(separator: ", "), style)),
        ("reason", release.reason.map { printable($0) }),
        ("published", release.created.map { "\(timeText($0)), \(age(of: $0, now: now)) ago" }),
        ("last live", release.activated.map { "\(timeText($0)), \(age(of: $0, now: now)) ago" }),
        ("ref", release.ref.map { printable($0) }),
        ("pinned", pin.map { "since \(timeText($0.since)): \(printable($0.reason))" }),
        (
          "content",
          release.bytes.map { "\(sizeText($0)) in \(counted(release.files ?? 0, "file"))" }
        ),
        ("origin", adopted ? "taken over by init" : nil),
        ("archive", archiveSha256.map { "sha256 \($0)" }),
        ("manifest", manifestSha256.map { "sha256 \($0)" }),
        ("path", path),
      ], style)
  }
}

/// Names to the left, values to the right; those without a value are left out.
func fieldText(_ fields: [(name: String, value: String?)], _ style: Style) -> String {
  let width = fields.filter { $0.value != nil }.map(\.name.count).max() ?? 0
  return fields.map { field in
    guard let value = field.value else { return "" }
    let padding = String(repeating: " ", count: width - field.name.count + 2)
    return Emphasis.faint.apply(field.name, style) + padding + value + "\n"
  }.joined()
}
