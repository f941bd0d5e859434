import Foundation
import TestSupport
import Testing

/// Metrics follow the text format and describe the store.
@Suite struct MetricsTests {
  /// Returns values by name and labels, and fails for anything outside the text format 0.0.4.
  private func metrics(_ store: TestStore) throws -> [String: Double] {
    let text = try store.expectSuccess(["metrics"]).output
    #expect(text.hasSuffix("\n"))
    var values: [String: Double] = [:]
    var kinds: [Substring: Substring] = [:]
    var helped: Set<Substring> = []
    let sample =
      /([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)/
    for line in text.split(separator: "\n") {
      if let help = line.wholeMatch(of: /# HELP ([a-z_]+) \S.*/)?.output {
        #expect(helped.insert(help.1).inserted, "\(line) appears twice")
      } else if let type = line.wholeMatch(of: /# TYPE ([a-z_]+) (gauge|counter)/)?.output {
        #expect(helped.contains(type.1) && kinds[type.1] == nil)
        #expect((type.2 == "counter") == type.1.hasSuffix("_total"), "\(line)")
        kinds[type.1] = type.2
      } else {
        let (_, name, labels, value) = try #require(line.wholeMatch(of: sample)?.output, "\(line)")
        #expect(kinds[name] != nil && name.hasPrefix("releases_"), "\(line)")
        let label = "{store=\"\(store.path)\""
        #expect(labels?.hasPrefix(label) == true, "\(line) lacks the store")
        let others = labels?.dropFirst(label.count + 1).dropLast() ?? ""
        let key = others.isEmpty ? "\(name)" : "\(name){\(others)}"
        #expect(values[key] == nil, "\(line) appears twice")
        let number: Double = try #require(Double(String(value)), "\(line)")
        values[key] = number
      }
    }
    return values
  }

  @Test func `a new store has no live release`() throws {
    let values = try metrics(try TestStore())
    #expect(
      values["releases_live"] == 0 && values["releases_live_created_timestamp_seconds"] == nil)
    #expect(values["releases_stored{state=\"ready\"}"] == 0)
    #expect(values["releases_journal_readable"] == 1)
  }

  @Test func `transactions are counted by operation and outcome`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["freeze", "--reason", "x"])
    let values = try metrics(store)
    #expect(values["releases_live_info{release=\"1\",ref=\"\"}"] == 1)
    #expect(values["releases_stored{state=\"ready\"}"] == 1)
    #expect(values["releases_stored{state=\"bad\"}"] == 1)
    #expect(values["releases_transactions_total{operation=\"activate\",outcome=\"done\"}"] == 2)
    #expect(values["releases_last_transaction_success{operation=\"rollback\"}"] == 1)
    #expect(values["releases_pinned"] == 1 && values["releases_frozen"] == 1)
    #expect(values["releases_rollback_available"] == 0 && values["releases_problems"] == 0)
    let when = try #require(values["releases_live_activated_timestamp_seconds"])
    #expect(abs(Date().timeIntervalSince1970 - when) < 60)
  }

  @Test func `drift, interruption and a lost journal are reported`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    #expect(try metrics(store)["releases_drift"] == 0)
    try store.makeLink("current", to: "releases/1")
    #expect(try metrics(store)["releases_drift"] == 1)
    try store.expectSuccess(["recover"])
    let killed = try store.run(
      ["activate", "2"],
      launcher: [
        "strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat", "-e",
        "inject=renameat:signal=KILL:when=2",
      ])
    #expect(killed.status == 137)
    let values = try metrics(store)
    #expect(values["releases_interrupted"] == 1 && values["releases_running"] == 0)
    #expect(values["releases_problems"] == 1)
    try store.write(".releases/lock", "")
    #expect(try metrics(store)["releases_journal_readable"] == 0)
  }

  @Test func `a hostile text is escaped in its label`() throws {
    let store = try TestStore()
    let archive = try store.archive(["f": "1"])
    try store.expectSuccess(["deploy", archive, "--id", "1", "--ref", "a\"b\\c\n} 7\nx 1"])
    #expect(
      try metrics(store)["releases_live_info{release=\"1\",ref=\"a\\\"b\\\\c?} 7?x 1\"}"] == 1)
  }
}
