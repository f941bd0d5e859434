import Foundation
import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

/// What is said about the last restart of the service.
@Suite struct ServiceFindingTests {
  private func facts(
    _ operation: ConfirmationProgress.Operation?, of release: String = "2", problem: String? = nil,
    isAlive: Bool = false
  ) -> StoreFacts {
    let entries = [
      CatalogEntry.sample("1", sequence: 1, activation: 11),
      CatalogEntry.sample("2", sequence: 2, activation: 12),
    ]
    let snapshot = Snapshot.sample(current: .to("2"), previous: .to("1"), entries)
    let last = JournalEntry.sample(before: snapshot.links, after: snapshot.links, outcome: .done)
    var facts = StoreFacts(
      path: "/srv/store", snapshot: snapshot, journal: .entry(last, isWriterAlive: false),
      now: .noon)
    facts.trash = []
    facts.stages = []
    facts.progress = ConfirmationProgress(
      sequence: 1, release: release, isRestoring: false, stage: .health,
      since: Date.noon.addingTimeInterval(-12), timeLimit: 60, attempts: 7, operation: operation,
      by: .sample, problem: problem.map { Message($0) })
    facts.isProgressWriterAlive = isAlive
    return facts
  }

  @Test func `a running restart is a note`() throws {
    let facts = facts(.restart, isAlive: true)
    let finding = try #require(storeFindings(facts).first)
    #expect(finding.code == .restarting && finding.level == .note)
    #expect(finding.message == "restarting 2: waiting for health, 12 of 60 s, attempt 7")
    #expect(facts.currentProgress == facts.progress && facts.isServiceChanging)
  }

  @Test(
    arguments: [
      (.restart, nil, "the restart of 2 was interrupted"),
      (.restart, "x", "the restart of 2 failed: x"),
      (.recover, "x", "2 was made live again, but x"),
      (.activate, "x", "2 was made live again, but x"),
    ] as [(ConfirmationProgress.Operation, String?, String)])
  func `what is unknown about the service is a problem`(
    operation: ConfirmationProgress.Operation, problem: String?, message: String
  ) throws {
    let facts = facts(operation, problem: problem)
    let finding = try #require(storeFindings(facts).first)
    #expect(finding.code == .serviceUnconfirmed && finding.level == .problem)
    #expect(finding.message.text.contains(message), "\(finding.message)")
    #expect(finding.hint?.command == .releases(["restart"]))
    #expect(facts.currentProgress == nil && !facts.isServiceChanging)
  }

  @Test func `what an interrupted switch left says nothing about the service`() {
    for operation in [ConfirmationProgress.Operation.activate, .rollback, nil] {
      #expect(storeFindings(facts(operation)).isEmpty)
    }
  }

  @Test func `a record about another release than the live one says nothing`() {
    #expect(storeFindings(facts(.restart, of: "1", problem: "x")).isEmpty)
  }

  @Test func `files of older versions can be read`() throws {
    let text = """
      {"attempts":3,"format":1,"limit":60,"release":"2","restoring":false,"sequence":5,
      "since":"2026-11-25T23:14:22Z","stage":"health"}
      """
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let progress = try decoder.decode(ConfirmationProgress.self, from: Data(text.utf8))
    #expect(progress.operation == nil && progress.writer == nil && !progress.isRecord)
  }
}
