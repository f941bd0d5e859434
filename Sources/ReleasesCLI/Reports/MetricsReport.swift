internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import ReleaseStore

/// The metrics of a store. They are cheap enough to be read every minute.
struct MetricsReport: Sendable {
  let storeState: StoreState
  let history: HistoryTally

  private var snapshot: Snapshot { storeState.snapshot }

  /// All metrics in the text format of Prometheus.
  var text: String {
    (live + instances + stored + state + transactions + host)
      .map { $0.labeled("store", storeState.store.path).text }.joined()
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
        "releases_rollback_available",
        help: "Whether there is a rollback target whose content a rollback would accept"
      ).with(
        Self.flag(
          snapshot.rollbackTarget != nil && storeState.facts.isRollbackWhole != false)),
    ]
  }

  /// The instances of the service; empty if it has none.
  private var instances: [Metric] {
    guard let overview = storeState.facts.instances else { return [] }
    var count = Metric(
      "releases_instances", help: "Number of instances of the service by state")
    // Without an answer of systemd, only those that the store knows are counted.
    for role in InstanceOverview.Role.allCases where overview.isKnown || role != .orphaned {
      count = count.with(Double(overview.count(of: role)), ["state": role.rawValue])
    }
    return [
      count,
      Metric(
        "releases_live_link_ok",
        help: "Whether the link service.live points to the live release, which listens"
      ).with(snapshot.live.map { Self.flag(overview.serves($0)) }),
    ]
  }

  /// The number and the size of the releases. Every state always has a sample, so that a query never
  /// misses one.
  private var stored: [Metric] {
    let releases = ReleaseReport.all(snapshot, reader: .local)
    let cataloged: [ReleaseState] = [.unpacked, .preparing, .ready, .failed, .bad]
    let states = cataloged.map(\.rawValue) + ["missing", "damaged", "unknown"]
    var count = Metric("releases_stored", help: "Number of releases in the store by state")
    var bytes = Metric(
      "releases_stored_bytes", help: "Disk space that no other release shares, by state")
    for state in states {
      let some = releases.filter { $0.state == state }
      count = count.with(Double(some.count), ["state": state])
      let own = some.reduce(0) { $0 + ($1.ownBytes ?? $1.bytes ?? 0) }
      bytes = bytes.with(Double(own), ["state": state])
    }
    let pinned = releases.filter(\.pinned).count
    return [
      count, bytes,
      Metric("releases_pinned", help: "Number of pinned releases").with(Double(pinned)),
    ]
  }

  private var state: [Metric] {
    let journal = storeState.journal
    let isOpen = journal?.phase == .intent
    let isMoved = journal.map { $0.phase == .done && $0.linksLeft != snapshot.links } ?? false
    let problems = storeState.findings.filter { $0.level == .problem }.count
    var findings = Metric(
      "releases_findings",
      help: "Number of findings of releases status by code, without service and health")
    for code in StoreFinding.Code.allCases where !code.isAboutService {
      let count = storeState.findings.filter { $0.code == code }.count
      findings = findings.with(Double(count), ["code": code.rawValue])
    }
    return [
      findings,
      Metric(
        "releases_running", help: "Whether a transaction is running"
      ).with(Self.flag(storeState.isRunning)),
      Metric(
        "releases_interrupted", help: "Whether a transaction was interrupted and not recovered yet"
      ).with(Self.flag(isOpen && !storeState.isRunning)),
      Metric(
        "releases_unconfirmed", help: "Whether a switch waits for its hook or its health check"
      ).with(Self.flag(storeState.facts.unconfirmedSwitch != nil)),
      Metric(
        "releases_drift", help: "Whether a link was moved by hand since the last transaction"
      ).with(Self.flag(isMoved)),
      Metric("releases_frozen", help: "Whether switches are frozen").with(
        Self.flag(snapshot.freeze != nil)),
      Metric("releases_problems", help: "Number of problems that releases status reports").with(
        Double(problems)),
      Metric("releases_journal_readable", help: "Whether the journal can be read").with(
        Self.flag(journal != nil)),
    ]
  }

  private var transactions: [Metric] {
    var total = Metric(
      "releases_transactions_total", .counter,
      help: "Number of transactions in the history by operation and outcome")
    for (operation, outcomes) in history.outcomes.sorted(by: { $0.key < $1.key }) {
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
      help: "Whether the last transaction of a kind succeeded")
    for (operation, entry) in history.last.sorted(by: { $0.key < $1.key }) {
      guard let finished = entry.finished else { continue }
      let seconds = (finished.timeIntervalSince(entry.started) * 1000).rounded() / 1000
      ended = ended.with(finished.timeIntervalSince1970.rounded(), ["operation": operation])
      took = took.with(seconds, ["operation": operation])
      success = success.with(Self.flag(entry.isSuccess), ["operation": operation])
    }
    return [
      total, ended, took, success,
      Metric(
        "releases_history_damaged_lines", help: "Number of corrupt lines in the history"
      ).with(Double(history.corruptLines)),
    ]
  }

  private var host: [Metric] {
    let space = storeState.space
    return [
      Metric(
        "releases_filesystem_free_bytes", help: "Free space for the owner of the store"
      ).with(Double(space.freeBytes)),
      Metric(
        "releases_filesystem_size_bytes", help: "Size of the file system of the store"
      ).with(Double(space.totalBytes)),
      Metric(
        "releases_filesystem_free_inodes",
        help: "Number of free inodes in the file system of the store"
      ).with(space.freeInodes.map(Double.init)),
      Metric("releases_build_info", help: "The version of this program").with(
        1, ["version": Version.number]),
    ]
  }
}
