internal import FoundationEssentials
internal import Linux
internal import ReleaseStore

/// What is live and whether anything needs attention.
struct StatusReport: Encodable, Sendable {
  /// The last transaction, or the one under way.
  struct Last: Encodable, Sendable {
    let operation: String
    @OrNull var id: String?
    let user: String
    let started: Date
    @OrNull var finished: Date?
    @OrNull var outcome: String?
    @OrNull var note: String?
    /// `done`, `running` or `interrupted`.
    let state: String
  }

  var schema = 1
  let store: String
  @OrNull var current: String?
  @OrNull var previous: String?
  @OrNull var rollback: String?
  @OrNull var frozen: FreezeReport?
  @OrNull var live: ReleaseReport?
  let releases: Int
  @OrNull var last: Last?
  let freeBytes: Int64
  @OrNull var freeInodes: Int64?
  /// What needs attention; empty when all is well.
  let problems: [String]

  init(
    _ store: Store, _ snapshot: Snapshot, _ journal: JournalEntry?, _ space: FileSystemFacts,
    bootID: String
  ) {
    let last = journal.map { Self.last($0, bootID: bootID) }
    self.store = store.path
    _current = OrNull(wrappedValue: snapshot.live?.text)
    _previous = OrNull(wrappedValue: snapshot.previous.release?.text)
    _rollback = OrNull(wrappedValue: snapshot.rollbackTarget?.text)
    _frozen = OrNull(wrappedValue: snapshot.freeze.map { FreezeReport($0) })
    _live = OrNull(wrappedValue: snapshot.live.map { ReleaseReport($0, snapshot) })
    releases = snapshot.catalog.entries.count
    _last = OrNull(wrappedValue: last)
    freeBytes = space.freeBytes
    _freeInodes = OrNull(wrappedValue: space.freeInodes)
    problems = Self.problems(snapshot, journal, last)
  }

  private static func last(_ entry: JournalEntry, bootID: String) -> Last {
    let state =
      if entry.phase == .done {
        "done"
      } else if entry.writerIsAlive(bootID: bootID) {
        "running"
      } else {
        "interrupted"
      }
    return Last(
      operation: entry.operation.rawValue, id: entry.id?.text, user: entry.user,
      started: entry.started, finished: entry.finished, outcome: entry.outcome?.rawValue,
      note: entry.note, state: state)
  }

  private static func problems(
    _ snapshot: Snapshot, _ journal: JournalEntry?, _ last: Last?
  ) -> [String] {
    var problems: [String] = []
    if let last, last.state == "interrupted" {
      let id = last.id.map { " of \($0)" } ?? ""
      problems.append(
        "\(last.operation)\(id) by \(last.user) was interrupted; settle it: releases recover")
    }
    if journal == nil { problems.append("the journal can't be read; see: releases check") }
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] {
      switch link.state {
      case .dangling(let id): problems.append("\(name) leads to \(id), which is not there")
      case .elsewhere:
        let moved = snapshot.sameRelease(of: snapshot.current).map {
          "; if the store was moved here: releases activate \($0)"
        }
        problems.append(
          "\(name) leads to \(link.text ?? "nothing"), which is no release\(moved ?? "")")
      case .notALink: problems.append("\(name) is a real directory or file, not a link")
      case .missing, .release: break
      }
    }
    if let journal, journal.phase == .done, journal.linksLeft != snapshot.links {
      problems.append("a link was moved by hand since the last transaction")
    }
    if let live = snapshot.live, let entry = snapshot.catalog[live], entry.state != .ready {
      problems.append("the live release \(live) is \(entry.state.rawValue)")
    }
    for id in snapshot.catalog.damaged.sorted(by: { $0.text < $1.text }) {
      problems.append("what was known of \(id) is damaged; see: releases check")
    }
    return problems
  }

  func text(_ style: Style, now: Date) -> String {
    let liveText = live.map { live in
      let since = live.activated.map { ", live for \(age(of: $0, now: now))" } ?? ""
      return Emphasis.good.apply(live.id, style) + since
        + (live.ref.map { ", ref \(printable($0))" } ?? "")
    }
    let lastText = last.map { last in
      let what = [last.operation, last.id].compactMap { $0 }.joined(separator: " ")
      let when = age(of: last.finished ?? last.started, now: now)
      let how = last.state == "done" ? last.outcome ?? "done" : last.state
      return "\(what) by \(printable(last.user)), \(when) ago: \(how)"
    }
    let inodes = freeInodes.map { ", \($0) inodes" } ?? ""
    var text = fieldText(
      [
        ("store", store), ("live", liveText ?? Emphasis.caution.apply("nothing", style)),
        ("rollback", rollback ?? "nothing to go back to"),
        (
          "frozen",
          frozen.map { "since \(timeText($0.since)) by \($0.user): \(printable($0.reason))" }
        ),
        ("releases", String(releases)), ("last", lastText),
        ("free", "\(sizeText(freeBytes))\(inodes)"),
      ], style)
    for problem in problems {
      text += Emphasis.trouble.apply("problem", style) + "  \(printable(problem))\n"
    }
    return text
  }
}
