import Foundation
import Testing

/// The same, by the numbers of PEERS.md: commands that somebody ends.
@Suite struct PeerDefectSignalTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func `a command ended while it waits leaves no lock`(signal: Int32) throws {
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

  @Test(arguments: ["INT", "TERM", "KILL"], [("renameat", 1), ("symlinkat", 1), ("fdatasync", 2)])
  func `a switch ended by a signal is completed`(signal: String, call: (name: String, number: Int)) throws {
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

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func `an upload ended by a signal publishes nothing`(signal: Int32) throws {
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

  @Test func `a hangup does not stop a switch`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let run = try store.run(["activate", "1"], launcher: Fault.signal("HUP", at: "renameat"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(store.current == "1")
    try store.expectSettled()
  }

  @Test func `closed output pipes do not stop a rollback`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let run = try Program.run(
      ["sh", "-c", "\"$@\" >&- 2>&-", "sh", Releases.binary, "--store", store.path, "rollback"])
    #expect(run.status == 0)
    #expect(store.current == "1")
    try store.expectSettled()
  }
}
