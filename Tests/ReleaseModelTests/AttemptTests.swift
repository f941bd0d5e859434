import Foundation
import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

@Suite struct AttemptTests {
  @Test(arguments: ["a", "4711-1", "A.b_c-d", String(repeating: "x", count: 64)])
  func `a token is a plain file name`(text: String) {
    #expect(AttemptToken(text)?.text == text)
  }

  @Test(arguments: [
    "", ".", "..", "-a", ".a", "a/b", "a b", "a\n", "é", String(repeating: "x", count: 65),
  ])
  func `any other text is not a token`(text: String) { #expect(AttemptToken(text) == nil) }

  private func attempt(_ token: String, ref: String? = nil, at seconds: Double = 0) throws
    -> Attempt
  {
    let actor = Actor(
      now: { Date.noon + seconds }, bootID: "boot", pid: 42, processStart: 1234, user: "deploy",
      commandLine: "releases deploy -")
    return Attempt(try #require(AttemptToken(token)), ref: ref, actor)
  }

  @Test func `a name is a token, or else a ref with its newest attempt`() throws {
    let all = [
      try attempt("a", ref: "v1", at: 1), try attempt("b", ref: "v1", at: 3),
      try attempt("c", ref: "v1", at: 2), try attempt("v2", at: 4),
      try attempt("d", ref: "v2", at: 5),
    ]
    #expect(all.named("a")?.token.text == "a")
    #expect(all.named("v1")?.token.text == "b")
    #expect(all.named("v2")?.token.text == "v2")
    #expect(all.named("v") == nil)
  }
}

/// What is found out about a deployment whose process was killed.
@Suite struct InterruptedAttemptTests {
  private let attempt: Attempt

  init() throws { attempt = Attempt(try #require(AttemptToken("a")), ref: nil, .sample) }

  private func found(_ history: [JournalEntry], _ last: JournalEntry? = nil) -> InterruptedAttempt {
    InterruptedAttempt(attempt, history: history, last: last)
  }

  private func other(_ entry: JournalEntry) -> JournalEntry {
    var entry = entry
    entry.pid = 43
    return entry
  }

  @Test func `a change that is still open has to be recovered`() {
    #expect(found([], .sample(.activate, .intent)) == .unrecovered)
    #expect(found([], other(.sample(.activate, .intent))) == .notSwitched(nil))
  }

  @Test(arguments: [JournalEntry.Outcome.done, .finished])
  func `a switch that was completed made the release live`(outcome: JournalEntry.Outcome) {
    #expect(found([.sample(.activate, outcome: outcome)]) == .live("2"))
    #expect(found([], .sample(.activate, outcome: outcome)) == .live("2"))
  }

  @Test(arguments: [JournalEntry.Outcome.failed, .undone])
  func `a switch that was undone did not`(outcome: JournalEntry.Outcome) {
    #expect(found([.sample(.activate, outcome: outcome)]) == .restored("2", note: nil))
  }

  @Test func `a release that was published alone is not live`() {
    let published = JournalEntry.sample(.publish, outcome: .done)
    #expect(found([published]) == .notSwitched("2"))
    #expect(found([other(published)]) == .notSwitched(nil))
    #expect(found([published, other(.sample(.activate, outcome: .done))]) == .notSwitched("2"))
  }

  @Test func `only an attempt that has neither published nor switched can be made again`() {
    let ends: [InterruptedAttempt] = [
      .unrecovered, .live("2"), .restored("2", note: nil), .notSwitched("2"), .notSwitched(nil),
    ]
    #expect(ends.map(\.isRepeatable) == [false, false, false, false, true])
  }

  @Test func `the message says how the attempt ended as far as that is known`() {
    var stopped = attempt
    stopped.exitStatus = 143
    let error = InterruptedAttempt.notSwitched(nil).error(of: stopped)
    #expect(
      error?.message
        == "the deployment was stopped by signal 15; it had published and switched nothing")
    #expect(error?.cause == nil)
    let unknown = InterruptedAttempt.notSwitched(nil).error(of: attempt)
    #expect(unknown?.cause == "its process was killed, or the record could not be written")
  }

  @Test func `only a release that went live is no error`() {
    let ends: [InterruptedAttempt] = [
      .unrecovered, .live("2"), .restored("2", note: "why"), .notSwitched("2"), .notSwitched(nil),
    ]
    #expect(
      ends.map { $0.error(of: attempt)?.code } == [
        .interrupted, nil, .needsPerson, .failed, .failed,
      ])
  }
}
