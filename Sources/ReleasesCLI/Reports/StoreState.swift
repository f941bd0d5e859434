internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

/// The facts that the files of a store contain at one moment.
struct StoreState: Sendable {
  /// How often the service is checked again because another release went live in the meantime.
  private static let maximumChecks = 3

  let store: Store
  let facts: StoreFacts
  /// What needs attention and what is under way.
  let findings: [StoreFinding]
  /// The last switch, which may be running; nil when there is none.
  let lastSwitch: JournalEntry?
  let space: FileSystemFacts

  var snapshot: Snapshot { facts.snapshot }
  /// The last entry of the journal; nil when it can't be read.
  var journal: JournalEntry? { facts.journal.entry }
  /// Whether a transaction has begun and its process still runs.
  var isRunning: Bool { facts.journal.isRunning }

  /// Reads the store.
  ///
  /// - Throws: an error when the store can't be read.
  init(_ store: Store, _ environment: Environment) throws(ReleasesError) {
    self.store = store
    facts = try StoreFacts(store, environment)
    findings = storeFindings(facts)
    space = try store.space()
    let last = facts.journal.entry
    lastSwitch = Self.lastSwitch(store, last)
  }

  private static func lastSwitch(_ store: Store, _ last: JournalEntry?) -> JournalEntry? {
    last?.operation.isSwitch == true ? last : store.history.lastSwitch()
  }

  /// Returns what the service runs and whether the live release is healthy. The result is never that
  /// of another release than `current` points to afterwards.
  ///
  /// - Returns: the state; nil when another release went live during the check.
  func liveState(_ environment: Environment) -> LiveState? {
    let state = LiveState(
      of: snapshot.live, in: store, isSwitching: facts.isServiceChanging, facts.instances,
      environment)
    // Another release may have been live only during the check.
    let last = Self.lastSwitch(store, try? store.journal.last())
    guard (try? store.links.link(Layout.current).release) == snapshot.live,
      last?.sequence == lastSwitch?.sequence
    else { return nil }
    return state
  }

  /// Reads the store and checks its service, both about the same release.
  ///
  /// - Returns: the facts, and the state of the service; an unknown state when other releases kept
  ///   going live.
  /// - Throws: an error when the store can't be read.
  static func withLiveState(
    _ store: Store, _ environment: Environment
  ) throws(ReleasesError) -> (StoreState, LiveState) {
    var state = try StoreState(store, environment)
    for _ in 1...maximumChecks {
      if let live = state.liveState(environment) { return (state, live) }
      state = try StoreState(store, environment)
    }
    return (state, LiveState())
  }
}
