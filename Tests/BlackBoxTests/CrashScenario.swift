import Foundation
import Testing

/// A command that changes the store, and a store to run it on.
enum CrashScenario: String, CaseIterable, Sendable {
  case firstActivation, activate, activateTheFallback, rollback, rollbackTo, rollbackToTheLast
  case unpack, remove, removeTheFallback, prune
  case pin, unpin, markBad, markTheFallbackBad, markGood, freeze, thaw
  case acceptDrift, rebuildTheJournal
  case confirmed, confirmedRollback, deploy, prepareAgain

  /// Those whose end is the service's end.
  static let switches: [CrashScenario] = [
    .firstActivation, .activate, .activateTheFallback, .rollback, .rollbackTo, .rollbackToTheLast,
  ]
  static let others = allCases.filter { !switches.contains($0) }

  /// How many transactions it is.
  var transactions: Int {
    switch self {
    case .prune, .prepareAgain: 2
    case .deploy: 3
    default: 1
    }
  }

  /// Where it may end besides at its beginning and at its end.
  func otherEnds(_ before: StoreState) -> [StoreState] {
    var other = before
    switch self {
    case .confirmed:
      other.releases["4"] = "bad"
      return [other]
    case .confirmedRollback:
      other.releases["2"] = "bad"
      other.previous = "1"
      return [other]
    case .deploy:
      return ["failed", "ready", "bad"].map {
        other.releases["new"] = $0
        return other
      }
    default: return []
    }
  }

  /// The command's words.
  func arguments(in store: TestStore) -> [String] {
    switch self {
    case .firstActivation, .activate: ["activate", "4"]
    case .activateTheFallback: ["activate", "2"]
    case .rollback, .rollbackToTheLast: ["rollback"]
    case .rollbackTo: ["rollback", "--to", "1"]
    case .unpack: ["unpack", "\(store.directory)/new.tar.gz", "--id", "new"]
    case .remove: ["remove", "1"]
    case .removeTheFallback: ["remove", "2", "--force"]
    case .prune: ["prune", "--keep", "1", "--keep-within", "0d"]
    case .pin: ["pin", "1", "--reason", "x"]
    case .unpin: ["unpin", "1"]
    case .markBad: ["mark", "1", "bad", "--reason", "x"]
    case .markTheFallbackBad: ["mark", "2", "bad", "--reason", "x"]
    case .markGood: ["mark", "1", "good", "--reason", "x"]
    case .freeze: ["freeze", "--reason", "x"]
    case .thaw: ["thaw"]
    case .acceptDrift, .rebuildTheJournal: ["recover"]
    case .confirmed: ["activate", "4"]
    case .confirmedRollback: ["rollback"]
    case .deploy: ["deploy", "\(store.directory)/new.tar.gz", "--id", "new"]
    case .prepareAgain: ["prepare", "4"]
    }
  }

  /// A store the command has not run on: 4 is ready, 3 is live, 2 and 1 were before it.
  func makeStore() throws -> TestStore {
    let store = try TestStore()
    switch self {
    case .firstActivation: try store.publish("4")
    case .rollbackToTheLast: try store.activate(["1", "2"])
    default:
      try store.activate(["1", "2", "3"])
      try store.publish("4")
    }
    try prepare(store)
    return store
  }

  private func prepare(_ store: TestStore) throws {
    switch self {
    case .confirmed, .confirmedRollback: try writeHooks(store)
    case .prepareAgain:
      try store.write("releases.yaml", "hooks: {prepare: {run: 'false'}}\n")
      try store.expectDone(["remove", "4"])
      let archive = try store.archive(["VERSION": "4", "bin/run": "4"])
      try store.expectFailure(["unpack", archive, "--id", "4"], status: 1, code: "prepareFailed")
      try writeHooks(store)
    case .deploy, .unpack:
      if self == .deploy { try writeHooks(store) }
      _ = try store.archive(
        ["VERSION": "new", "bin/run": "new", "lib/a/b": "b", "lib/a/c": "c"], named: "new")
    case .prune: try store.publish("5")
    case .unpin: try store.expectDone(["pin", "1", "--reason", "x"])
    case .markGood: try store.expectDone(["mark", "1", "bad", "--reason", "x"])
    case .thaw: try store.expectDone(["freeze", "--reason", "x"])
    case .acceptDrift:
      try store.makeLink("current", to: "./releases/1")
    case .rebuildTheJournal:
      try store.write(".releases/lock", String(repeating: "\0", count: 8192))
    default: break
    }
  }

  private func writeHooks(_ store: TestStore) throws {
    try store.write(
      "releases.yaml",
      """
      hooks: {prepare: {run: echo x > built}, activate: {run: 'true'}}
      health: {command: test -e VERSION}
      """)
  }
}

/// A scenario made ready: where it begins, where it may end, and the calls in between.
struct CrashCourse {
  let scenario: CrashScenario
  let start: TestStore
  let before: StoreState
  let after: StoreState
  let calls: [SystemCall]

  init(_ scenario: CrashScenario) throws {
    self.scenario = scenario
    start = try scenario.makeStore()
    before = try start.state()
    let finished = try start.copy()
    let (run, calls) = try Strace.watch(scenario.arguments(in: start), in: finished)
    #expect(run.status == 0, "\(scenario): \(run.errors)")
    after = try finished.state()
    self.calls = calls
    #expect(calls.count > 5, "\(scenario): \(calls)")
  }

  /// All of it happened, or nothing; of several transactions, all of some.
  func isLegal(_ state: StoreState) -> Bool {
    if scenario != .prune {
      return ([before, after] + scenario.otherEnds(before)).contains(state)
    }
    let between = before.releases.filter { after.releases[$0.key] != nil }
    return [before.current, before.previous] == [state.current, state.previous]
      && state.releases.allSatisfy { before.releases[$0.key] == $0.value }
      && between.allSatisfy { state.releases[$0.key] == $0.value }
  }

  /// What must hold once an interruption of the command has been settled.
  func expectSettled(_ store: TestStore, _ comment: Comment) throws {
    let state = try store.state(comment)
    #expect(isLegal(state), "\(state); \(comment)")
    store.expectServable(comment)
    try store.expectNothingLeft(comment)
    try store.expectSettledForGood(comment)

    let sequences = try store.history().reversed().compactMap { $0["sequence"] as? Int }
    #expect(sequences == sequences.sorted() && Set(sequences).count == sequences.count, comment)
    let new = sequences.count - (try start.history().count)
    // That a fallback has become bad, or that a preparation has failed, is a transaction of its own.
    let isMore = [.confirmedRollback, .prepareAgain, .deploy].contains(scenario)
    let most = scenario.transactions + (isMore ? 1 : 0)
    #expect((0...most).contains(new), "\(new) new lines; \(comment)")
    if state == after { #expect(new == scenario.transactions, comment) }
  }
}
