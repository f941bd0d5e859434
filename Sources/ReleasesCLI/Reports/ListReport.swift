internal import FoundationEssentials
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

/// One release in the output of `list`, `show` and `status`.
struct ReleaseReport: Encodable, Sendable {
  let id: String
  let state: String
  let live: Bool
  /// Whether it is live and its switch waits for a hook or a health check.
  let unconfirmed: Bool
  let previous: Bool
  @OrNull var sequence: UInt64?
  @OrNull var created: Date?
  @OrNull var activated: Date?
  @OrNull var files: Int?
  @OrNull var bytes: Int64?
  /// The part of `bytes` whose disk space no other release shares, and the part that others share.
  @OrNull var ownBytes: Int64?
  @OrNull var sharedBytes: Int64?
  @OrNull var ref: String?
  let pinned: Bool
  @OrNull var reason: Message?
  /// What its instance of the service is for: `live`, `starting`, `draining` or `orphaned`; null if it has
  /// none.
  @OrNull var instance: String?

  /// The catalog entry. It is not part of the JSON document; `show` prints more of it.
  var entry: CatalogEntry?

  /// Whether it went live before it was adopted, so that the time since when it is live is unknown.
  var wentLiveBeforeAdoption: Bool {
    entry.map { $0.adopted == true && $0.activated != nil && $0.activated == $0.created } ?? false
  }

  private enum CodingKeys: String, CodingKey {
    case id, state, live, unconfirmed, previous, sequence, created, activated, files, bytes,
      ownBytes
    case sharedBytes, ref, pinned, reason, instance
  }

  /// - Parameters:
  ///   - id: the release.
  ///   - snapshot: the facts of the store.
  ///   - use: the disk space of all releases, as the catalog records it.
  ///   - measured: the disk space of this release, as measured; nil to use the record.
  ///   - reader: who reads the hints.
  ///   - unconfirmed: the release that waits to be confirmed; nil for none.
  ///   - instances: the instances of the service; nil if it has none.
  init(
    _ id: ReleaseID, _ snapshot: Snapshot, _ use: DiskUse, _ measured: ContentSize? = nil,
    reader: HintReader, unconfirmed: ReleaseID? = nil, _ instances: InstanceOverview? = nil
  ) {
    let entry = snapshot.catalog[id]
    let isThere = snapshot.directories.contains(id)
    let problem: (state: String, reason: Notice)? =
      if entry == nil {
        snapshot.catalog.corrupt.contains(id)
          ? (
            "damaged",
            Notice(
              "its catalog entry is corrupt", hint: Hint("adopt it again", command: ["init"]))
          )
          : (
            "unknown",
            Notice(
              "it is not in the catalog",
              hint: Hint("adopt it", command: ["init", "--adopt", id.text]))
          )
      } else if !isThere {
        ("missing", "its directory is missing")
      } else {
        nil
      }
    self.id = id.text
    self.entry = entry
    state = problem?.state ?? entry?.state.rawValue ?? "unknown"
    live = snapshot.live == id
    self.unconfirmed = unconfirmed == id
    previous = snapshot.previous.release == id
    pinned = entry?.pin != nil
    _sequence = OrNull(wrappedValue: entry?.sequence)
    _created = OrNull(wrappedValue: entry?.created)
    _activated = OrNull(wrappedValue: entry?.activated)
    _files = OrNull(wrappedValue: entry?.files)
    _bytes = OrNull(wrappedValue: entry?.bytes)
    _ownBytes = OrNull(wrappedValue: measured?.own ?? entry.map { _ in use.own(id) })
    _sharedBytes = OrNull(wrappedValue: measured?.shared ?? entry.map { _ in use.shared(id) })
    _ref = OrNull(wrappedValue: entry?.ref)
    _reason = OrNull(
      wrappedValue: problem?.reason.line(for: reader)
        ?? entry?.reason.map { Message(verbatim: $0) })
    _instance = OrNull(wrappedValue: instances?.role(of: id)?.rawValue)
  }

  /// Returns all releases in `releases/` or in the catalog: newest first, and last those that are not
  /// in the catalog.
  ///
  /// - Parameters:
  ///   - snapshot: the facts of the store.
  ///   - reader: who reads the hints.
  ///   - unconfirmed: the release that waits to be confirmed; nil for none.
  ///   - instances: the instances of the service; nil if it has none.
  /// - Returns: one report per release.
  static func all(
    _ snapshot: Snapshot, reader: HintReader, unconfirmed: ReleaseID? = nil,
    _ instances: InstanceOverview? = nil
  ) -> [ReleaseReport] {
    let unclear = snapshot.catalog.corrupt.sorted { $0.text < $1.text } + snapshot.unknown
    let use = snapshot.diskUse
    return (snapshot.newestFirst.map(\.id) + unclear).map {
      ReleaseReport(
        $0, snapshot, use, reader: reader, unconfirmed: unconfirmed, instances)
    }
  }

  /// Returns the ref, the state and the age on one line.
  func description(now: Date) -> String {
    let place = live ? "live" : previous ? "rollback target" : nil
    let parts = [
      ref.map { Style.plain.printable(Message(verbatim: $0)) }, place,
      instanceRole, place == nil || state != "ready" ? state : nil,
      created.map { age(of: $0, now: now) },
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// What its instance is for, unless it is that of the live release; nil if it has none.
  var instanceRole: String? {
    instance == InstanceOverview.Role.live.rawValue ? nil : instance
  }

  /// Why it is pinned, and the reason of its state.
  var note: Message {
    // A ready release has a reason only if it was marked as good.
    let reason: Message? = state == "ready" ? self.reason.map { "marked good: \($0)" } : self.reason
    let pin: Message? = entry?.pin.map { "pinned: \(verbatim: $0.reason)" }
    return [pin, reason].compactMap { $0 }.joined(separator: "; ")
  }

  /// The emphasis of the state in text.
  var emphasis: Emphasis {
    switch state {
    case "bad", "failed", "damaged", "missing": .trouble
    case "unpacked", "preparing", "unknown": .caution
    default: unconfirmed ? .caution : live ? .good : .none
    }
  }
}

/// A freeze in a JSON document.
struct FreezeReport: Encodable, Sendable {
  let reason: Message
  let since: Date
  let user: Message

  init(_ freeze: Freeze) {
    reason = Message(verbatim: freeze.reason)
    since = freeze.since
    user = Message(verbatim: freeze.user)
  }
}

/// The report of `list`: all releases of a store.
struct ListReport: Encodable, Sendable {
  var schema = 1
  let store: String
  @OrNull var current: String?
  @OrNull var previous: String?
  @OrNull var rollback: String?
  /// Whether a rollback would accept the content of the rollback target; nil when it is unknown.
  @OrNull var rollbackWhole: Bool?
  @OrNull var frozen: FreezeReport?
  let releases: [ReleaseReport]
  /// The names in `releases/` that are not releases.
  let strays: [Message]
  /// What needs attention and what is under way, as far as the files of the store show.
  let findings: [FindingReport]
  /// Why nothing is live, if `current` is broken. It is only part of the text.
  private let linkProblem: Message?
  /// The store that hints name with `--store`; nil for none.
  private let reader: HintReader

  private enum CodingKeys: String, CodingKey {
    case schema, store, current, previous, rollback, rollbackWhole, frozen, releases, strays,
      findings
  }

  /// - Parameters:
  ///   - storeState: the facts of the store.
  ///   - reader: who reads the hints.
  init(_ storeState: StoreState, reader: HintReader) {
    let snapshot = storeState.snapshot
    store = storeState.store.path
    self.reader = reader
    _current = OrNull(wrappedValue: snapshot.live?.text)
    _previous = OrNull(wrappedValue: snapshot.previous.release?.text)
    _rollback = OrNull(wrappedValue: snapshot.rollbackTarget?.text)
    _frozen = OrNull(wrappedValue: snapshot.freeze.map { FreezeReport($0) })
    _rollbackWhole = OrNull(wrappedValue: storeState.facts.isRollbackWhole)
    releases = ReleaseReport.all(
      snapshot, reader: reader, unconfirmed: storeState.facts.unconfirmedRelease,
      storeState.facts.instances)
    findings = storeState.findings.map { FindingReport($0, reader: reader) }
    strays = snapshot.strays.map { Message($0) }
    linkProblem = snapshot.current.problem(named: Layout.current)
  }

  func text(_ style: Style, now: Date) -> String {
    var text = ""
    if let frozen {
      let line: Message =
        "frozen since \(localTime(frozen.since)) by \(frozen.user): \(frozen.reason)"
      text += style.sentence(line, .caution)
    }
    if releases.isEmpty {
      let notice = Notice(
        "no releases yet", hint: Hint("create one", command: ["unpack", "ARCHIVE"]))
      text += style.sentence(notice.line(for: reader))
    } else {
      text += table(now: now).rendered(style)
    }
    if !releases.isEmpty && current == nil {
      let why: Message = linkProblem.map { ": \($0)" } ?? ""
      text += style.sentence("nothing is live" + why, .caution)
    }
    let shown = findings.filter {
      $0.code == StoreFinding.Code.configurationIgnored.rawValue
        || $0.level != StoreFinding.Level.warning.rawValue
          && $0.code != StoreFinding.Code.nothingLive.rawValue
          && $0.code != StoreFinding.Code.currentBroken.rawValue
    }
    for finding in shown {
      text += style.sentence(
        "\(finding.level): \(finding.message)", finding.isProblem ? .trouble : .none)
    }
    if !strays.isEmpty {
      text += style.sentence(
        "ignored names that are not releases: " + strays.joined(separator: ", "))
    }
    return text
  }

  private func table(now: Date) -> Table {
    let hasSharing = releases.contains { ($0.sharedBytes ?? 0) > 0 }
    var table = Table(columns: [
      .init(title: "RELEASE"), .init(title: "STATE"), .init(title: "AGE", isNumber: true),
      .init(title: "SIZE", isNumber: true, expendable: 1),
      .init(title: "OWN", isNumber: true, expendable: 5),
      .init(title: "FILES", isNumber: true, expendable: 4),
      .init(title: "REF", expendable: 2, widest: 20), .init(title: "NOTE", expendable: 3),
    ])
    for release in releases {
      let roles =
        [
          release.live ? release.unconfirmed ? "live, unconfirmed" : "live" : nil,
          release.id == rollback
            ? rollbackWhole == false ? "rollback, modified" : "rollback" : nil,
        ].compactMap { $0 }
      let instance = [release.instanceRole].compactMap { $0 }
      let isPlain = release.state == "ready" && !roles.isEmpty
      let state = (isPlain ? [] : [release.state]) + roles + instance
      table.rows.append([
        .init(verbatim: release.id, emphasis: release.live ? .bold : .none),
        .init(
          verbatim: state.joined(separator: ", "),
          emphasis: roles == ["rollback"] && isPlain
            ? .note : roles.last == "rollback, modified" ? .trouble : release.emphasis),
        .init(verbatim: release.created.map { age(of: $0, now: now) } ?? ""),
        .init(verbatim: release.bytes.map { sizeText($0) } ?? ""),
        .init(verbatim: hasSharing ? release.ownBytes.map { sizeText($0) } ?? "" : ""),
        .init(verbatim: release.files.map { String($0) } ?? ""),
        .init(verbatim: release.ref ?? ""),
        .init(text: release.note),
      ])
    }
    return table
  }
}
