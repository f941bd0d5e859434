import Foundation
import Testing

/// A system call that fails without having done anything: a full disk, a broken one, a quota.
@Suite struct FaultTests {
  /// One kind of failure at every call that changes something.
  struct Fault: Sendable, CustomTestStringConvertible {
    let scenario: CrashScenario
    let error: String
    var testDescription: String { "\(scenario) \(error)" }
  }

  private static let errors = ["ENOSPC", "EIO", "EROFS", "EMFILE", "EDQUOT"]
  private static let flushes = ["fsync", "fdatasync", "syncfs"]

  private static func faults(_ scenarios: [CrashScenario]) -> [Fault] {
    scenarios.flatMap { scenario in errors.map { Fault(scenario: scenario, error: $0) } }
  }

  @Test(arguments: faults([.activate, .rollback, .rollbackToTheLast]))
  func aSwitchNeverFailsAndIsCarriedOutLater(_ fault: Fault) throws {
    try failEverywhere(fault, every: 2)
  }

  @Test(arguments: faults([.confirmed, .deploy, .prepareAgain]))
  func aCommandWithHooksNeverFailsAndIsCarriedOutLater(_ fault: Fault) throws {
    try failEverywhere(fault, every: 6)
  }

  @Test(arguments: faults([.unpack, .removeTheFallback, .markTheFallbackBad, .freeze, .prune]))
  func aCommandNeverFailsAndIsCarriedOutLater(_ fault: Fault) throws {
    try failEverywhere(fault, every: 6)
  }

  private func failEverywhere(_ fault: Fault, every step: Int) throws {
    let course = try CrashCourse(fault.scenario)
    let step = Thoroughness.isFull ? 1 : step
    var generator = Seeded(fault.testDescription)
    let first = Int.random(in: 0..<step, using: &generator)
    for index in stride(from: first, to: course.calls.count, by: step) {
      try fail(course, course.calls[index], with: fault.error)
    }
  }

  private func fail(_ course: CrashCourse, _ call: SystemCall, with error: String) throws {
    let comment: Comment = "\(course.scenario), \(error) at \(call); RELEASES_SEED=\(Seeded.seed)"
    let store = try course.start.copy()
    let arguments = course.scenario.arguments(in: course.start)
    let run = try store.run(arguments, launcher: Strace.failing(call, with: error))
    store.expectServable(comment)
    let statuses: [Int32] = [0, 1, 8, 11]
    #expect(statuses.contains(run.status), "\(run); \(comment)")
    let links = [store.link("current"), store.link("previous")]
    if run.status == 0 {
      // A prune that can't remove something says so and goes on.
      let isWarned = course.scenario == .prune && run.errors.contains("warning:")
      #expect(try isWarned || store.state(comment) == course.after, comment)
    } else {
      #expect(run.output == "", comment)
      #expect(run.errors.contains("error:"), "\(run); \(comment)")
    }
    // A command of several transactions may have finished some.
    if (run.status == 1 || run.status == 8) && course.scenario.transactions == 1 {
      #expect(try store.state(comment) == course.before, "\(run); \(comment)")
    }
    if Self.flushes.contains(call.name) { expectNotTrusted(run, call, comment) }

    let recovery = try store.run(["recover"])
    #expect(recovery.status == 0, "\(recovery.errors); \(comment)")
    if run.status != 11 {
      #expect([store.link("current"), store.link("previous")] == links, "\(run); \(comment)")
      if run.status != 0 && course.scenario.transactions == 1 {
        #expect(try store.state(comment) == course.before, "\(run); \(comment)")
      }
    }
    try course.expectSettled(store, comment)
  }

  /// What a failed flush lost nobody knows. Only the history's may fail, as the journal has it all.
  private func expectNotTrusted(_ run: Releases.Run, _ call: SystemCall, _ comment: Comment) {
    if run.status == 0 {
      #expect(run.errors.contains("can't append to the history"), "\(run); \(comment)")
    }
  }

  @Test(arguments: CrashScenario.allCases)
  func anInterruptedCallIsMadeAgain(_ scenario: CrashScenario) throws {
    let course = try CrashCourse(scenario)
    let step = Thoroughness.isFull ? 1 : 5
    var generator = Seeded(scenario.rawValue)
    let first = Int.random(in: 0..<step, using: &generator)
    for index in stride(from: first, to: course.calls.count, by: step) {
      let call = course.calls[index]
      let comment: Comment = "\(scenario), EINTR at \(call); RELEASES_SEED=\(Seeded.seed)"
      let store = try course.start.copy()
      let run = try store.run(
        scenario.arguments(in: course.start), launcher: Strace.failing(call, with: "EINTR"))
      #expect(run.status == 0, "\(run); \(comment)")
      #expect(!run.errors.contains("warning:"), "\(run); \(comment)")
      #expect(try store.state(comment) == course.after, comment)
      try course.expectSettled(store, comment)
    }
  }

  @Test(arguments: ["EIO", "ENOSPC", "EDQUOT"])
  func aReleaseThatCouldNotBeFlushedIsNotPublished(_ error: String) throws {
    let course = try CrashCourse(.unpack)
    let call = try #require(course.calls.first { $0.name == "syncfs" })
    let store = try course.start.copy()
    let run = try store.run(
      CrashScenario.unpack.arguments(in: course.start),
      launcher: Strace.failing(call, with: error))
    #expect([1, 8].contains(run.status), "\(run)")
    #expect(run.output == "")
    #expect(try store.state() == course.before)
    try store.expectNothingLeft("\(error)")
    try store.expectSettledForGood("\(error)")
    #expect(try store.history().count == (try course.start.history().count))
  }
}
