internal import FoundationEssentials
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

/// The report of `status`: what is live and whether anything needs attention.
struct StatusReport: Encodable, Sendable {
  /// The last or the running transaction.
  struct Last: Encodable, Sendable {
    let operation: String
    @OrNull var id: String?
    let user: String
    let started: Date
    @OrNull var finished: Date?
    @OrNull var outcome: String?
    @OrNull var note: String?
    /// The state: `done`, `running` or `interrupted`.
    let state: String
  }

  /// The state of the service according to systemd.
  struct Service: Encodable, Sendable {
    let unit: String
    @OrNull var activeState: String?
    @OrNull var subState: String?
    @OrNull var mainPID: Int32?
    /// The release in which its main process runs.
    @OrNull var runs: String?
    @OrNull var note: String?

    init(_ state: ServiceState) {
      unit = state.unit
      _activeState = OrNull(wrappedValue: state.activeState)
      _subState = OrNull(wrappedValue: state.subState)
      _mainPID = OrNull(wrappedValue: state.mainPID)
      _runs = OrNull(wrappedValue: state.runs?.text)
      _note = OrNull(wrappedValue: state.note)
    }

    var text: String {
      guard let activeState else { return "\(unit): \(note ?? "unknown")" }
      let sub = subState.map { " (\($0))" } ?? ""
      let process = mainPID.map { ", process \($0)" } ?? ""
      let place = runs.map { " in \($0)" } ?? ""
      return "\(unit): \(activeState)\(sub)\(process)\(place)\(note.map { "; \($0)" } ?? "")"
    }
  }

  /// The result of one health check.
  struct Health: Encodable, Sendable {
    let healthy: Bool
    @OrNull var problem: String?
    @OrNull var answer: String?

    init(_ attempt: HealthAttempt) {
      healthy = attempt.problem == nil
      _problem = OrNull(wrappedValue: attempt.problem)
      _answer = OrNull(wrappedValue: attempt.answer)
    }
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
  @OrNull var service: Service?
  @OrNull var health: Health?
  /// What needs attention; empty when links, journal, service and health agree.
  let problems: [String]

  /// - Parameters:
  ///   - storeState: the facts of the store.
  ///   - storeArgument: the store that hints name with `--store`; nil for none.
  ///   - state: the service and its health.
  init(_ storeState: StoreState, storeArgument: String?, _ state: LiveState = LiveState()) {
    let (snapshot, journal, space) = (storeState.snapshot, storeState.journal, storeState.space)
    let last = journal.map { Self.last($0, isRunning: storeState.isRunning) }
    store = storeState.store.path
    _current = OrNull(wrappedValue: snapshot.live?.text)
    _previous = OrNull(wrappedValue: snapshot.previous.release?.text)
    _rollback = OrNull(wrappedValue: snapshot.rollbackTarget?.text)
    _frozen = OrNull(wrappedValue: snapshot.freeze.map { FreezeReport($0) })
    _live = OrNull(
      wrappedValue: snapshot.live.map {
        ReleaseReport($0, snapshot, snapshot.diskUse, storeArgument: storeArgument)
      })
    releases = snapshot.catalog.entries.count
    _last = OrNull(wrappedValue: last)
    freeBytes = space.freeBytes
    _freeInodes = OrNull(wrappedValue: space.freeInodes)
    _service = OrNull(wrappedValue: state.service.map { Service($0) })
    _health = OrNull(wrappedValue: state.health.map { Health($0) })
    problems =
      (Self.problems(
        snapshot, journal, last, journalIsReadable: storeState.store.journal.isReadable)
      + state.problems).map { $0.line(store: storeArgument) }
  }

  private static func last(_ entry: JournalEntry, isRunning: Bool) -> Last {
    let state = entry.phase == .done ? "done" : isRunning ? "running" : "interrupted"
    return Last(
      operation: entry.operation.rawValue, id: entry.id?.text, user: entry.user,
      started: entry.started, finished: entry.finished, outcome: entry.outcome?.rawValue,
      note: entry.note, state: state)
  }

  private static func problems(
    _ snapshot: Snapshot, _ journal: JournalEntry?, _ last: Last?, journalIsReadable: Bool
  ) -> [Notice] {
    var problems: [Notice] = []
    if let last, last.state == "interrupted" {
      let id = last.id.map { " of \($0)" } ?? ""
      problems.append(
        Notice(
          "\(last.operation)\(id) by \(last.user) was interrupted",
          hint: Hint("recover it", command: ["recover"])))
    }
    if journal == nil {
      problems.append(
        journalIsReadable
          ? Notice("the journal can't be read", hint: Hint("see the details", command: ["check"]))
          : Notice(
            "only the owner of the store may read the journal",
            hint: "run this command as that user, or with sudo"))
    }
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] {
      guard let problem = link.problem(named: name) else { continue }
      let moved = snapshot.releaseOfMovedLink(link).map {
        Hint("if the store was moved here, replace the link", command: ["activate", $0.text])
      }
      problems.append(Notice(problem, hint: moved))
    }
    if let journal, journal.phase == .done {
      problems += moved(from: journal.linksLeft, to: snapshot.links)
    }
    if let live = snapshot.live, let entry = snapshot.catalog[live], entry.state != .ready {
      problems.append("the live release \(live) is \(entry.state.rawValue)")
    }
    let gone = snapshot.newestFirst.filter { !snapshot.directories.contains($0.id) }.count
    if gone > 0 {
      problems.append(
        Notice(
          "the directory of \(counted(gone, "release")) is missing",
          hint: Hint("see the details", command: ["check"])))
    }
    for id in snapshot.catalog.corrupt.sorted(by: { $0.text < $1.text }) {
      problems.append(
        Notice(
          "the catalog entry of \(id) is corrupt", hint: Hint("see the details", command: ["check"])
        ))
    }
    return problems
  }

  /// Returns a notice for each link that differs from the journal, which is the result of a manual
  /// `ln -sfn`.
  private static func moved(from left: LinkPair, to now: LinkPair) -> [Notice] {
    let all = [
      (Layout.current, left.current, now.current), (Layout.previous, left.previous, now.previous),
    ]
    return all.filter { $0.1 != $0.2 }.map { name, old, new in
      Notice(
        "\(name) was moved by hand from \(old ?? "nothing") to \(new ?? "nothing")",
        hint: Hint("record the move", command: ["recover"]))
    }
  }

  func text(_ style: Style, now: Date) -> String {
    let lastText = last.map { last in
      let what = [last.operation, last.id].compactMap { $0 }.joined(separator: " ")
      let when = timeAgo(last.finished ?? last.started, now: now)
      let how = last.state == "done" ? last.outcome ?? "done" : last.state
      return "\(what) by \(last.user), \(when): \(how)"
    }
    let inodes = freeInodes.map { ", \($0) inodes" } ?? ""
    let facts = [
      Field("store", store),
      Field("live", current ?? "nothing", live?.emphasis ?? .caution),
      Field("live for", live?.activated.map { age(of: $0, now: now) }),
      Field("ref", live?.ref),
      Field("rollback", rollback ?? "none"),
      Field(
        "frozen", frozen.map { "since \(localTime($0.since)) by \($0.user): \($0.reason)" },
        .caution
      ),
      Field("releases", String(releases)),
      Field("service", service?.text),
      Field("health", health.map { $0.problem ?? "healthy" }),
      Field("last", lastText),
      Field("free", "\(sizeText(freeBytes))\(inodes)"),
    ]
    return fieldText(
      facts + problems.map { Field("problem", $0, nameEmphasis: .trouble) }, style)
  }
}
