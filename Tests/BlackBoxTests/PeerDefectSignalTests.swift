import Foundation
import Testing

/// The same, by the numbers of PEERS.md: commands that somebody ends.
@Suite struct PeerDefectSignalTests {
  @Test("7: who is ended while waiting for the lock leaves none", arguments: [SIGINT, SIGTERM])
  func endedWhileWaiting(signal: Int32) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let holder = try store.holdLock()
    let waiting = try store.run(
      ["activate", "1", "--wait", "1m"],
      launcher: Fault.signal(signal == SIGINT ? "INT" : "TERM", at: "flock", 3))
    #expect(waiting.status == 128 + signal)
    holder.end()
    try store.expectDone(["rollback", "--wait", "0s"])
    #expect(store.current == "1")
    try store.expectSettled()
  }

  @Test(
    "16: a switch that is ended is whole or did not happen, and the next command needs no help",
    arguments: ["INT", "TERM", "KILL"], [("renameat", 1), ("symlinkat", 1), ("fdatasync", 2)])
  func endedWhileSwitching(signal: String, call: (name: String, number: Int)) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.publish("3")
    // Before it flushes its intent it flushes what the last change left.
    let ended = try store.run(
      ["activate", "3"], launcher: Fault.signal(signal, at: call.name, call.number))
    #expect(ended.status == 128 + ["INT": SIGINT, "TERM": SIGTERM, "KILL": SIGKILL][signal]!)
    #expect(store.exists("current/VERSION"))
    if signal != "KILL" {
      #expect(store.current == "3", "what was begun is carried out")
      #expect(store.previous == "2")
    }
    let recovered = try store.expectDone(["recover", "--wait", "0s"])
    if signal != "KILL" { #expect(recovered.errors == "", "nothing was left to settle") }
    #expect(store.current == "3")
    try store.expectSettled()
  }

  @Test(
    "16: an upload that is ended publishes nothing, and leaves no lock",
    arguments: [SIGINT, SIGTERM, SIGKILL])
  func endedWhileUnpacking(signal: Int32) throws {
    let store = try TestStore()
    try store.activate(["1"])
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "2"])))
    let upload = try store.start(["unpack", "-", "--id", "2"])
    try upload.write(archive.dropLast(20))
    try store.waitUntil("the upload has a stage") {
      try store.names(".releases/staging").contains { store.exists(".releases/staging/\($0)/tree") }
    }
    upload.send(signal)
    // Not `end`: the end of its input would race the signal.
    #expect(upload.status() == 128 + signal)
    if signal != SIGKILL {
      #expect(try store.names(".releases/staging") == [], "it cleaned up after itself")
    }
    try store.expectDone(["recover", "--wait", "0s"])
    #expect(try store.names("releases") == ["1"])
    #expect(try Array(store.releases().keys) == ["1"])
    try store.expectSettled()
    try store.publish("2")
  }

  @Test("16: a dropped connection does not stop a switch half-way")
  func hangUp() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let run = try store.run(["activate", "1"], launcher: Fault.signal("HUP", at: "renameat"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(store.current == "1")
    try store.expectSettled()
  }

  @Test("16: readers that went away do not stop a switch half-way")
  func closedPipes() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let run = try Program.run(
      ["sh", "-c", "\"$@\" >&- 2>&-", "sh", Releases.binary, "--store", store.path, "rollback"])
    #expect(run.status == 0)
    #expect(store.current == "1")
    try store.expectSettled()
  }
}
