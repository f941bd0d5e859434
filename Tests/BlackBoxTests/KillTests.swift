import Foundation
import Testing

/// SIGKILL at the entry of each system call that changes something, and again while that is being
/// settled.
@Suite struct KillTests {
  @Test(arguments: CrashScenario.switches)
  func aKilledSwitchHappenedWhollyOrNotAtAll(_ scenario: CrashScenario) throws {
    try killEverywhere(scenario)
  }

  @Test(arguments: CrashScenario.others)
  func aKilledCommandHappenedWhollyOrNotAtAll(_ scenario: CrashScenario) throws {
    try killEverywhere(scenario, every: 4)
  }

  /// - Parameter step: of the calls, the gate takes only every so many, others on each run.
  private func killEverywhere(_ scenario: CrashScenario, every step: Int = 1) throws {
    let course = try CrashCourse(scenario)
    let step = Thoroughness.isFull ? 1 : step
    var generator = Seeded(scenario.rawValue)
    let first = Int.random(in: 0..<step, using: &generator)
    for index in stride(from: first, to: course.calls.count, by: step) {
      try kill(course, at: course.calls[index])
    }
  }

  private func kill(_ course: CrashCourse, at call: SystemCall) throws {
    let comment: Comment = "\(course.scenario) killed at \(call); RELEASES_SEED=\(Seeded.seed)"
    let killed = try course.start.copy()
    let arguments = course.scenario.arguments(in: course.start)
    let run = try killed.run(arguments, launcher: Strace.killing(at: call))
    guard run.status == 128 + SIGKILL else {
      #expect(run.status == 0 && !call.isExact, "\(comment): \(run)")
      return try course.expectSettled(killed, comment)
    }
    #expect(run.output == "", "acknowledged before it was done; \(comment)")
    killed.expectServable(comment)

    let settled = try killed.copy()
    let (recovery, calls) = try watchRecovery(settled, comment)
    #expect(recovery.status == 0, "\(recovery.errors); \(comment)")
    try course.expectSettled(settled, comment)

    var generator = Seeded(comment.rawValue)
    let chosen = Thoroughness.isFull ? calls : calls.randomElement(using: &generator).map { [$0] }
    for call in chosen ?? [] { try killRecovery(course, killed, at: call, comment) }
  }

  /// - Parameter interrupted: a store on which the command was killed already.
  private func killRecovery(
    _ course: CrashCourse, _ interrupted: TestStore, at call: SystemCall, _ before: Comment
  ) throws {
    let comment: Comment = "\(before); then its recovery killed at \(call)"
    let store = try interrupted.copy()
    let run = try store.run(["recover"], launcher: Strace.killing(at: call))
    #expect(run.status == 128 + SIGKILL || !call.isExact, "\(comment): \(run)")
    #expect(run.output == "" || run.status == 0, comment)
    store.expectServable(comment)
    #expect(try store.run(["recover"]).status == 0, comment)
    try course.expectSettled(store, comment)
  }

  private func watchRecovery(
    _ store: TestStore, _ comment: Comment
  ) throws -> (run: Releases.Run, calls: [SystemCall]) {
    let clock = ContinuousClock()
    let start = clock.now
    let watched = try Strace.watch(["recover"], in: store)
    #expect(clock.now - start < .seconds(1), comment)
    return watched
  }

  @Test(arguments: CrashScenario.allCases)
  func whatWasAcknowledgedIsNeverLost(_ scenario: CrashScenario) throws {
    let course = try CrashCourse(scenario)
    let store = try course.start.copy()
    // The last thing a process does: all it had to say has been said.
    let arguments = scenario.arguments(in: course.start)
    let run = try store.run(
      arguments,
      launcher: Fault.signal("KILL", at: "exit_group"))
    #expect(run.status == 128 + SIGKILL)
    if scenario != .acceptDrift && scenario != .rebuildTheJournal { #expect(run.output != "") }
    #expect(try store.state() == course.after)
    try store.expectNothingLeft("\(scenario)")
    try store.expectSettledForGood("\(scenario)")
  }
}
