import Foundation
import TestSupport
import Testing

/// Without a unit, the wait for health ends when the process that listened has ended.
@Suite struct DeadReleaseTests {
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = Date()
    try body()
    return Date().timeIntervalSince(start)
  }

  @Test func `a release that ends after it listened is rolled back at once`() throws {
    let serving = try ServingStore(timeout: "5m")
    try serving.publish("1")
    try serving.store.expectSuccess(["activate", "1"])
    try serving.publish("2", life: 2)
    let seconds = try seconds {
      let run = try serving.store.expectFailure(["activate", "2"], status: 10, code: "rolledBack")
      let pid = try serving.servers()[1]
      #expect(
        (try run.error["message"] as? String)?.hasSuffix(
          "process \(pid) of release 2, which listened at 127.0.0.1:\(serving.port), has ended")
          == true, "\(run.errors)")
    }
    #expect(seconds < 60)
    #expect(try serving.answer() == "1")
  }

  @Test func `a release that starts slowly is waited for`() throws {
    let serving = try ServingStore()
    try serving.publish("1", delay: 3)
    try serving.store.expectSuccess(["activate", "1"])
    #expect(try serving.answer() == "1")
  }

  @Test func `a start that the hook has only queued is waited for`() throws {
    let serving = try ServingStore(
      hook: "(sleep 2; stop_old; start) </dev/null >/dev/null 2>&1 &", timeout: "60s")
    for id in ["1", "2"] {
      try serving.publish(id)
      let run = try serving.store.run(["activate", id])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try serving.answer() == id)
    }
  }
}
