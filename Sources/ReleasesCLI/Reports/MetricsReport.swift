internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import ReleaseStore

/// What a monitor gets to know of a store, cheap enough for every minute.
struct MetricsReport: Sendable {
  let moment: StoreState
  let history: History
  let problems: Int

  private var snapshot: Snapshot { moment.snapshot }

  var text: String {
    (live + stored + state + transactions + host)
      .map { $0.labeled("store", moment.store.path).text }.joined()
  }

  private static func flag(_ isSet: Bool) -> Double { isSet ? 1 : 0 }

  private var live: [Metric] {
    let entry = snapshot.live.flatMap { snapshot.catalog[$0] }
    let info = Metric("releases_live_info", help: "The live release, as labels")
    return [
      snapshot.live.map { info.with(1, ["release": $0.text, "ref": entry?.ref ?? ""]) } ?? info,
      Metric("releases_live", help: "Whether a release is live").with(
        Self.flag(snapshot.live != nil)),
      Metric(
        "releases_live_activated_timestamp_seconds",
        help: "When the live release last went live, in Unix time"
      ).with(entry?.activated?.timeIntervalSince1970),
      Metric(
        "releases_live_created_timestamp_seconds",
        help: "When the live release was unpacked, in Unix time"
      ).with(entry?.created.timeIntervalSince1970),
      Metric(
        "releases_rollback_available", help: "Whether there is a release to go back to"
      ).with(Self.flag(snapshot.rollbackTarget != nil)),
    ]
  }

  /// Every state always has a sample, so that none seems to have vanished.
  private var stored: [Metric] {
    let releases = ReleaseReport.all(snapshot)
    let known: [ReleaseState] = [.unpacked, .preparing, .ready, .failed, .bad]
    let states = known.map(\.rawValue) + ["missing", "damaged", "unknown"]
    var count = Metric("releases_stored", help: "Releases in the store by their state")
    var bytes = Metric(
      "releases_stored_bytes", help: "What the releases of a state take for themselves alone")
    for state in states {
      let some = releases.filter { $0.state == state }
      count = count.with(Double(some.count), ["state": state])
      let own = some.reduce(0) { $0 + ($1.ownBytes ?? $1.bytes ?? 0) }
      bytes = bytes.with(Double(own), ["state": state])
    }
    let pinned = releases.filter(\.pinned).count
    return [
      count, bytes,
      Metric("releases_pinned", help: "Releases that are pinned").with(Double(pinned)),
    ]
  }

  private var state: [Metric] {
    let journal = moment.journal
    let isOpen = journal?.phase == .intent
    let isMoved = journal.map { $0.phase == .done && $0.linksLeft != snapshot.links } ?? false
    return [
      Metric(
        "releases_running", help: "Whether a transaction is under way"
      ).with(Self.flag(moment.isRunning)),
      Metric(
        "releases_interrupted", help: "Whether a transaction was cut off and not settled yet"
      ).with(Self.flag(isOpen && !moment.isRunning)),
      Metric(
        "releases_drift", help: "Whether a link was moved by hand since the last transaction"
      ).with(Self.flag(isMoved)),
      Metric("releases_frozen", help: "Whether switches are frozen").with(
        Self.flag(snapshot.freeze != nil)),
      Metric("releases_problems", help: "What releases status would name as problems").with(
        Double(problems)),
      Metric("releases_journal_readable", help: "Whether the journal checks out").with(
        Self.flag(journal != nil)),
    ]
  }

  private var transactions: [Metric] {
    var counts: [String: [String: Int]] = [:]
    var last: [String: JournalEntry] = [:]
    for entry in history.entries {
      counts[entry.operation.rawValue, default: [:]][entry.outcome?.rawValue ?? "", default: 0] += 1
      last[entry.operation.rawValue] = entry
    }
    var total = Metric(
      "releases_transactions_total", .counter,
      help: "Transactions in the history by what they did and how they ended")
    for (operation, outcomes) in counts.sorted(by: { $0.key < $1.key }) {
      for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) {
        total = total.with(Double(count), ["operation": operation, "outcome": outcome])
      }
    }
    var ended = Metric(
      "releases_last_transaction_timestamp_seconds",
      help: "When the last transaction of a kind ended, in Unix time")
    var took = Metric(
      "releases_last_transaction_duration_seconds",
      help: "How long the last transaction of a kind took")
    var success = Metric(
      "releases_last_transaction_success",
      help: "Whether the last transaction of a kind did what it was asked to")
    for (operation, entry) in last.sorted(by: { $0.key < $1.key }) {
      guard let finished = entry.finished else { continue }
      let seconds = (finished.timeIntervalSince(entry.started) * 1000).rounded() / 1000
      ended = ended.with(finished.timeIntervalSince1970.rounded(), ["operation": operation])
      took = took.with(seconds, ["operation": operation])
      success = success.with(
        Self.flag(entry.outcome == .done || entry.outcome == .finished), ["operation": operation])
    }
    return [
      total, ended, took, success,
      Metric(
        "releases_history_damaged_lines", help: "Lines of the history that do not check out"
      ).with(Double(history.corruptLines.count)),
    ]
  }

  private var host: [Metric] {
    let space = moment.space
    return [
      Metric(
        "releases_filesystem_free_bytes", help: "What the owner of the store may still write"
      ).with(Double(space.freeBytes)),
      Metric(
        "releases_filesystem_size_bytes", help: "How large the file system of the store is"
      ).with(Double(space.totalBytes)),
      Metric(
        "releases_filesystem_free_inodes", help: "How many files can still be made"
      ).with(space.freeInodes.map(Double.init)),
      Metric("releases_build_info", help: "The version of this program").with(
        1, ["version": Version.number]),
    ]
  }
}
