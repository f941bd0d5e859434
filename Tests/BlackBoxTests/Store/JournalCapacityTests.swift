import Foundation
import TestSupport
import Testing

/// An entry that does not fit a slot of the journal is refused before the change begins.
@Suite struct JournalCapacityTests {
  @Test func `init retries an allocation of the journal that was interrupted`() throws {
    let store = try TestStore(initialized: false)
    let run = try store.run(["init"], launcher: Fault.error("EINTR", at: "fallocate"))
    #expect(run.status == 0, "\(run.errors)")
    try store.expectConsistent()
  }

  @Test func `a link too long for the journal is refused without a change`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    var refused = 0
    // Each `./` makes the journal's entry longer and does not change where the link points to.
    for length in stride(from: 100, through: 800, by: 20) {
      let text = String(repeating: "./", count: length) + "releases/2"
      try store.makeLink("current", to: text)
      let before = try store.read(".releases/lock")
      let run = try store.run(["pin", "1", "--reason", String(repeating: "\u{1}", count: 500)])
      if run.status == 0 {
        #expect(refused == 0)
        continue
      }
      refused += 1
      #expect(run.status == 1)
      #expect(run.errors.contains("ln -sfn releases/2 \(store.path)/current"))
      #expect(!run.errors.contains("interrupted"))
      let after = try store.read(".releases/lock")
      #expect(after == before || after.contains("moved by hand"), "only the moved link is recorded")
    }
    #expect(refused > 0)
    try store.makeLink("current", to: "releases/2")
    try store.expectSuccess(["pin", "1", "--reason", "short again"])
    try store.expectConsistent()
  }

  @Test(arguments: ["a\u{301}", "👨‍👩‍👧‍👦", "\u{1}", "\"", "x"])
  func `a reason of any length and script never blocks the journal`(_ unit: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    // Some entries fit their slot only when the change begins, and each change has to end.
    for length in stride(from: 100, through: 3900, by: 100) {
      let padding = String(repeating: "\u{301}", count: unit == "a\u{301}" ? length / 2 : 0)
      let text = String(repeating: unit, count: length / unit.utf8.count) + padding
      let run = try store.run(["pin", "1", "--reason", text])
      try #require(run.status == 0, "\(length): \(run.errors)")
    }
    try store.expectSuccess(["recover"])
  }
}
