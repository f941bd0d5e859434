internal import FoundationEssentials
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

/// The report of `status`: what is live and whether anything needs attention.
struct StatusReport: Encodable, Sendable {
  /// The last or the running transaction.
  struct Last: Encodable, Sendable {
    let operation: String
    @OrNull var id: String?
    let user: Message
    let started: Date
    @OrNull var finished: Date?
    @OrNull var outcome: String?
    @OrNull var note: Message?
    /// The state: `done`, `running` or `interrupted`.
    let state: String
    /// Whether it did what was requested; nil when it has not ended. A switch whose release failed
    /// and stays live has the outcome `done`.
    @OrNull var succeeded: Bool?
    private let outcomeText: String?

    private enum CodingKeys: CodingKey {
      case operation, id, user, started, finished, outcome, note, state, succeeded
    }

    fileprivate init(_ entry: JournalEntry, isRunning: Bool) {
      operation = entry.operation.rawValue
      _id = OrNull(wrappedValue: entry.id?.text)
      user = Message(verbatim: entry.user)
      started = entry.started
      _finished = OrNull(wrappedValue: entry.finished)
      _outcome = OrNull(wrappedValue: entry.outcome?.rawValue)
      _note = OrNull(wrappedValue: entry.note.map { Message(verbatim: $0) })
      state = entry.phase == .done ? "done" : isRunning ? "running" : "interrupted"
      _succeeded = OrNull(wrappedValue: entry.outcome == nil ? nil : entry.isSuccess)
      outcomeText = entry.outcomeText
    }

    func text(now: Date) -> Message {
      let what = [operation, id].compactMap { $0 }.joined(separator: " ")
      let when = timeAgo(finished ?? started, now: now)
      return
        "\(verbatim: what) by \(user), \(when): \(state == "done" ? outcomeText ?? "done" : state)"
    }
  }

  /// The state of the service according to systemd.
  struct Service: Encodable, Sendable {
    let unit: String
    @OrNull var activeState: String?
    @OrNull var subState: String?
    @OrNull var mainPID: Int32?
    /// The release in which its main process runs.
    @OrNull var runs: String?
    @OrNull var note: Message?

    init(_ state: ServiceState) {
      unit = state.unit
      _activeState = OrNull(wrappedValue: state.activeState)
      _subState = OrNull(wrappedValue: state.subState)
      _mainPID = OrNull(wrappedValue: state.mainPID)
      _runs = OrNull(wrappedValue: state.runs?.text)
      _note = OrNull(wrappedValue: state.note)
    }

    var text: Message {
      guard let activeState else { return "\(unit): \(note ?? "unknown")" }
      let sub = subState == activeState ? "" : subState.map { " (\($0))" } ?? ""
      let process = mainPID.map { ", process \($0)" } ?? ""
      let place: Message = runs.map { " in \(verbatim: $0)" } ?? ""
      return
        "\(unit): \(activeState)\(sub)\(process)\(place)\(note.map { "; \($0)" as Message } ?? "")"
    }
  }

  /// The result of one health check.
  struct Health: Encodable, Sendable {
    let healthy: Bool
    @OrNull var problem: Message?
    @OrNull var answer: Message?
    /// Which release serves: `same`, `another` or `unknown`; null when that was not looked up.
    @OrNull var serving: String?
    /// Why it is unknown which release serves.
    @OrNull var note: Message?

    init(_ attempt: HealthAttempt) {
      healthy = attempt.problem == nil
      _problem = OrNull(wrappedValue: attempt.problem)
      _answer = OrNull(wrappedValue: attempt.answer)
      _serving = OrNull(wrappedValue: attempt.serving?.word)
      _note = OrNull(wrappedValue: attempt.serving?.note)
    }

    var text: Message {
      problem ?? "healthy" + (note.map { "; it is unknown which release answers: \($0)" } ?? "")
    }
  }

  /// How far the confirmation of the running switch or restart has come.
  struct Confirmation: Encodable, Sendable {
    /// The release that the hook or the health check is about.
    let release: String
    /// Whether that release is being restored because another one failed.
    let restoring: Bool
    /// What it waits for: `hook` or `health`.
    let stage: String
    let since: Date
    /// The time limit of the hook or the health check, in seconds.
    let limitSeconds: Int64
    /// How many attempts of the health check have ended.
    let attempts: Int
    /// What is confirmed: `activate`, `rollback` or `restart`; nil when an older version records it.
    @OrNull var operation: String?

    init(_ progress: ConfirmationProgress) {
      release = progress.release
      restoring = progress.isRestoring
      stage = progress.stage.rawValue
      since = progress.since
      limitSeconds = progress.timeLimit
      attempts = progress.attempts
      _operation = OrNull(wrappedValue: progress.operation?.rawValue)
    }
  }

  var schema = 1
  let store: String
  @OrNull var current: String?
  @OrNull var previous: String?
  @OrNull var rollback: String?
  /// Whether a rollback would accept the content of the rollback target; nil when it is unknown.
  @OrNull var rollbackWhole: Bool?
  @OrNull var frozen: FreezeReport?
  @OrNull var live: ReleaseReport?
  let releases: Int
  @OrNull var last: Last?
  /// The last switch, which other transactions may have followed.
  @OrNull var lastSwitch: Last?
  /// How far the running switch or restart is from being confirmed; nil when none waits for that.
  @OrNull var confirmation: Confirmation?
  let freeBytes: Int64
  @OrNull var freeInodes: Int64?
  /// The first configured unit.
  @OrNull var service: Service?
  /// All configured units.
  let services: [Service]
  /// The instances of the service; empty if it has none.
  let instances: [InstanceReport]
  /// The link that the front connects to; nil if the service has no instances.
  @OrNull var liveLink: LiveLinkReport?
  @OrNull var health: Health?
  /// What needs attention; empty when links, journal, service and health agree.
  let problems: [Message]
  /// The same with codes, and what is under way.
  let findings: [FindingReport]

  /// - Parameters:
  ///   - storeState: the facts of the store.
  ///   - reader: who reads the hints.
  ///   - state: the service and its health.
  init(_ storeState: StoreState, reader: HintReader, _ state: LiveState = LiveState()) {
    let (snapshot, space) = (storeState.snapshot, storeState.space)
    let isRunning = storeState.isRunning
    store = storeState.store.path
    _current = OrNull(wrappedValue: snapshot.live?.text)
    _previous = OrNull(wrappedValue: snapshot.previous.release?.text)
    _rollback = OrNull(wrappedValue: snapshot.rollbackTarget?.text)
    _frozen = OrNull(wrappedValue: snapshot.freeze.map { FreezeReport($0) })
    _live = OrNull(
      wrappedValue: snapshot.live.map {
        ReleaseReport(
          $0, snapshot, snapshot.diskUse, reader: reader,
          unconfirmed: storeState.facts.unconfirmedRelease, storeState.facts.instances)
      })
    releases = snapshot.catalog.entries.count
    _last = OrNull(
      wrappedValue: storeState.journal.map { Last($0, isRunning: isRunning) })
    _lastSwitch = OrNull(
      wrappedValue: storeState.lastSwitch.map { Last($0, isRunning: isRunning) })
    _confirmation = OrNull(
      wrappedValue: storeState.facts.currentProgress.map { Confirmation($0) })
    freeBytes = space.freeBytes
    _freeInodes = OrNull(wrappedValue: space.freeInodes)
    services = state.services.map { Service($0) }
    _service = OrNull(wrappedValue: services.first)
    let overview = storeState.facts.instances
    instances = overview?.instances.map { InstanceReport($0) } ?? []
    _liveLink = OrNull(
      wrappedValue: overview.map { LiveLinkReport($0, live: snapshot.live) })
    _health = OrNull(wrappedValue: state.health.map { Health($0) })
    _rollbackWhole = OrNull(wrappedValue: storeState.facts.isRollbackWhole)
    findings = (storeState.findings + state.findings).map {
      FindingReport($0, reader: reader)
    }
    problems = findings.filter(\.isProblem).map(\.line)
  }

  private var healthText: Message? {
    health?.text
      ?? (findings.contains { $0.code == StoreFinding.Code.healthNotAsked.rawValue }
        ? "not asked" : nil)
  }

  /// The last switch, unless it is the last transaction.
  var earlierSwitch: Last? {
    last?.operation == lastSwitch?.operation && last?.started == lastSwitch?.started
      ? nil : lastSwitch
  }

  /// Returns the report for people.
  ///
  /// - Parameters:
  ///   - style: how to print it.
  ///   - now: the time, for ages.
  ///   - showsFreeSpace: whether to print the free space, which changes all the time.
  /// - Returns: its lines.
  func text(_ style: Style, now: Date, showsFreeSpace: Bool = true) -> String {
    let inodes = freeInodes.map { ", \($0) inodes" } ?? ""
    let facts = [
      Field("store", "\(path: store)"),
      Field("live", verbatim: current ?? "nothing", live?.emphasis ?? .caution),
      live?.wentLiveBeforeAdoption == true
        ? Field("live since", "before it was adopted")
        : Field("live for", verbatim: live?.activated.map { age(of: $0, now: now) }),
      Field("ref", verbatim: live?.ref),
      Field(
        "rollback",
        verbatim: rollback.map { $0 + (rollbackWhole == false ? ", modified" : "") } ?? "none",
        rollbackWhole == false ? .trouble : .none),
      Field(
        "frozen", frozen.map { "since \(localTime($0.since)) by \($0.user): \($0.reason)" },
        .caution
      ),
      Field("releases", verbatim: String(releases)),
    ]
    let live =
      services.map { Field("service", $0.text) }
      + instances.map { Field("instance", $0.text, $0.emphasis) }
      + [
        Field("live link", liveLink?.text, liveLink?.emphasis ?? .none),
        Field("health", healthText),
      ]
    let rest = [
      Field("last", last?.text(now: now)),
      Field("last switch", earlierSwitch?.text(now: now)),
      Field("free", showsFreeSpace ? "\(sizeText(freeBytes))\(inodes)" : nil),
    ]
    return fieldText(facts + live + rest + findings.map(\.field), style)
  }
}
