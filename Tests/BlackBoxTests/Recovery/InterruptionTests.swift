import Foundation
import TestSupport
import Testing

/// Commands that are ended by a signal, a limit or a lost connection.
@Suite struct InterruptionTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func `a command ended while it waits leaves no lock`(signal: Int32) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let holder = try store.holdLock()
    let waiting = try store.run(
      ["activate", "1", "--wait", "1m"],
      launcher: Fault.signal(signal == SIGINT ? "INT" : "TERM", at: "flock", 3))
    #expect(waiting.status == 128 + signal)
    holder.end()
    try store.expectSuccess(["rollback", "--wait", "0s"])
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test(arguments: ["INT", "TERM", "KILL"], [("renameat", 1), ("symlinkat", 1), ("fdatasync", 2)])
  func `a switch ended by a signal is completed`(signal: String, call: (name: String, number: Int))
    throws
  {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    // The first flush is for the last change, the second one for the intent.
    let ended = try store.run(
      ["activate", "3"], launcher: Fault.signal(signal, at: call.name, call.number))
    #expect(ended.status == 128 + ["INT": SIGINT, "TERM": SIGTERM, "KILL": SIGKILL][signal]!)
    #expect(store.exists("current/VERSION"))
    if signal != "KILL" {
      #expect(store.current == "3", "the switch is completed")
      #expect(store.previous == "2")
    }
    let recovered = try store.expectSuccess(["recover", "--wait", "0s"])
    if signal != "KILL" { #expect(recovered.errors == "", "nothing was left to recover") }
    #expect(store.current == "3")
    try store.expectConsistent()
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func `an upload ended by a signal publishes nothing`(signal: Int32) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "2"])))
    let upload = try store.start(["unpack", "-", "--id", "2"])
    try upload.write(archive.dropLast(20))
    try store.waitUntil("the upload has a stage") {
      try store.names(".releases/staging").contains { store.exists(".releases/staging/\($0)/tree") }
    }
    upload.send(signal)
    // `end()` would close the input, and that would race the signal.
    #expect(upload.waitForExit() == 128 + signal)
    if signal != SIGKILL {
      #expect(try store.names(".releases/staging") == [], "unpack removed its stage")
    }
    try store.expectSuccess(["recover", "--wait", "0s"])
    #expect(try store.names("releases") == ["1"])
    #expect(try Array(store.releases().keys) == ["1"])
    try store.expectConsistent()
    try store.publish("2")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal that arrives while a stage is created leaves no stage`(signal: Int32) throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    let unpacking = try BackgroundProgram([
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdirat", "-e",
      "inject=mkdirat:delay_exit=300000", Releases.binary, "--store", store.path, "unpack", archive,
    ])
    try store.waitUntil("the stage exists") { try store.names(".releases/staging") != [] }
    try Program.expect(["pkill", "-\(signal)", "-P", "\(unpacking.pid)"])
    #expect(unpacking.waitForExit() == 128 + signal)
    #expect(try store.names(".releases/staging") == [])
    #expect(try store.names("releases") == [])
  }

  @Test func `a hangup does not stop a switch`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let run = try store.run(["activate", "1"], launcher: Fault.signal("HUP", at: "renameat"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test func `closed output pipes do not stop a rollback`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let run = try Program.run(
      ["sh", "-c", "\"$@\" >&- 2>&-", "sh", Releases.binary, "--store", store.path, "rollback"])
    #expect(run.status == 0)
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test(arguments: [
    ("activate", "renameat", 1), ("activate", "renameat", 2), ("activate", "renameat", 3),
    ("activate", "pwrite64", 2), ("unpack", "renameat", 1), ("unpack", "renameat2", 1),
    ("unpack", "renameat2", 2), ("unpack", "pwrite64", 2),
  ])
  func `activate latest does not choose an interrupted release`(
    command: String, call: String, number: Int
  ) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    let arguments = command == "unpack" ? ["unpack", archive, "--id", "3"] : ["activate", "3"]
    if command == "activate" { try store.publish("3") }
    let killed = try store.run(arguments, launcher: Fault.signal("KILL", at: call, number))
    #expect(killed.status == 128 + SIGKILL)
    #expect(store.exists("current/VERSION"), "the service has a release to run")

    try store.publish("4")
    try store.expectSuccess(["activate", "latest"])
    #expect(store.current == "4")
    #expect(try store.read("current/VERSION") == "4")
    try store.expectConsistent()
  }

  @Test func `a switch beyond the file size limit reports its real outcome`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    for blocks in 0...8 {
      let limited = ["bash", "-c", "ulimit -f \(blocks); exec \"$@\"", "bash"]
      let run = try store.run(["activate", "2"], launcher: limited)
      #expect([0, 1, 11].contains(run.status), "\(blocks): \(run)")
      let before = store.current
      try store.expectSuccess(["recover"])
      if run.status == 1 { #expect(store.current == before, "the store is unchanged") }
      try store.expectSuccess(["activate", "1"])
    }
  }
}
