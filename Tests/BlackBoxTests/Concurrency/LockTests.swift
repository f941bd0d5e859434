import Foundation
import TestSupport
import Testing

/// The lock of a store, the process that holds it, and a store that moves.
@Suite struct LockTests {
  /// Starts a switch to a third release and stops it right before its first link moves.
  private func stoppedSwitch(_ store: TestStore) throws -> (
    BackgroundProgram, pid: Int32, message: String
  ) {
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    let tracer = try BackgroundProgram(
      Fault.signal("STOP", at: "renameat") + [
        Releases.binary, "--store", store.path, "activate", "3",
      ], environment: ["PATH": "/usr/bin:/bin", "USER": "operator"])
    try store.waitUntil("the switch holds the lock") {
      let last = try store.run(["status", "--json"]).json["last"] as? [String: Any]
      return last?["user"] as? String == "operator" && last?["state"] as? String == "running"
    }
    let message = try store.run(["rollback", "--wait", "0s"]).errors
    let digits = try #require(message.firstMatch(of: #/\(pid (\d+)\)/#)?.1)
    return (tracer, try #require(Int32(digits)), message)
  }

  @Test func `a stopped lock holder is named when the wait ends`() throws {
    let store = try TestStore()
    let (tracer, pid, message) = try stoppedSwitch(store)
    defer { kill(pid, SIGKILL) }
    let since = #/locked by operator \(pid \d+\) since \d{4}-\d\d-\d\dT[0-9:]+Z: releases/#
    #expect(message.contains(since), "\(message)")
    #expect(message.contains("--store \(store.path) activate 3"))
    #expect(message.contains("hint: "))
    let clock = ContinuousClock()
    let start = clock.now
    try store.expectFailure(["activate", "1", "--wait", "1s"], status: 5, code: "locked")
    let waited = clock.now - start
    #expect(waited >= .seconds(1) && waited < .seconds(5), "\(waited)")
    #expect(try store.expectSuccess(["status"]).output.contains("activate 3 by operator"))
    #expect(store.current == "2", "nothing has moved")

    for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fdinfo") {
      let path = "/proc/\(pid)/fd/\(descriptor)"
      let file = try FileManager.default.destinationOfSymbolicLink(atPath: path)
      guard file.hasPrefix(store.path) else { continue }
      let info = try String(contentsOfFile: "/proc/\(pid)/fdinfo/\(descriptor)", encoding: .utf8)
      let flags = try #require(info.firstMatch(of: #/flags:\s+([0-7]+)/#)?.1)
      let isCloseOnExec = try #require(Int(flags, radix: 8)) & 0o2000000 != 0
      #expect(isCloseOnExec, "a child that outlives the command would keep it: \(info)")
    }

    kill(pid, SIGKILL)
    #expect(tracer.end() == 128 + SIGKILL)
    let recovered = try store.expectSuccess(["recover", "--wait", "0s"])
    #expect(recovered.errors.contains("activate"), "the lock ended with its holder")
    #expect(["2", "3"].contains(store.current))
    try store.expectConsistent()
  }

  @Test func `a waiting command notices that the lock file was replaced`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let holder = try store.holdLock()
    let waiting = try store.start(["activate", "1", "--wait", "1m"])
    try store.waitUntil("it waits on the first file") {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/\(waiting.pid)/fd").contains {
        let path = "/proc/\(waiting.pid)/fd/\($0)"
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: path))?
          .hasSuffix(".releases/lock") == true
      }
    }
    let lock = "\(store.path)/.releases/lock"
    try Program.expect(["sh", "-c", "cp -p \(lock) \(lock).new && mv \(lock).new \(lock)"])
    let second = try store.holdLock()
    holder.end()
    // The command now locks the old file, which excludes no other command, so it must not begin.
    usleep(300_000)
    #expect(store.current == "2")
    second.end()
    #expect(waiting.end() == 0)
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test(arguments: ["directory", "link", "fifo"])
  func `a lock that is not a regular file is reported`(kind: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let lock = "\(store.path)/.releases/lock"
    try Program.expect(["mv", lock, "\(store.directory)/lock"])
    let made = [
      "directory": ["mkdir", lock], "link": ["ln", "-s", "\(store.directory)/lock", lock],
      "fifo": ["mkfifo", lock],
    ]
    try Program.expect(try #require(made[kind]))
    let before = try store.fileSystemState()
    for arguments in [["rollback"], ["recover"], ["pin", "1", "--reason", "x"], ["init"]] {
      let run = try store.expectFailure(arguments + ["--wait", "0s"], status: 1)
      #expect(run.errors.contains(".releases/lock") && run.errors.contains("hint:"))
    }
    for arguments in [["list"], ["history"]] { try store.expectSuccess(arguments) }
    #expect(try store.run(["status"]).status == 7)
    let check = try store.run(["check"])
    #expect(check.status == 3 && check.output.contains("\(lock) is a "), "\(check.output)")
    #expect(try store.fileSystemState() == before)
    try Program.expect(["mv", lock, "\(store.directory)/aside"])
    try store.expectSuccess(["recover"])
    try store.expectSuccess(["rollback"])
    try store.expectConsistent()
  }

  @Test func `another user cannot hold the lock`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    for name in [".", ".releases", "releases", ".releases/catalog"] {
      let path = "\(store.path)/\(name)"
      let stranger = try BackgroundProgram(
        User.asNobody + ["flock", path, "sh", "-c", "echo held; exec cat"])
      #expect(stranger.firstOutput() == "held\n")
      try store.expectSuccess(["activate", store.current == "2" ? "1" : "2", "--wait", "0s"])
      stranger.end()
    }
    for name in ["lock", "trash", "staging"] {
      let path = "\(store.path)/.releases/\(name)"
      let stranger = try Program.run(User.asNobody + ["flock", "-n", path, "true"])
      #expect(stranger.status != 0, "\(name)")
    }
  }

  @Test(
    .enabled(if: User.isRoot, "only root can start processes of other users"),
    arguments: ["--exclusive", "--shared"])
  func `a user who may only read the journal can't delay a command`(kind: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let lock = "\(store.path)/.releases/lock"
    try Program.expect(["chmod", "-R", "go+rX", store.path])
    try Program.expect(["chmod", "644", lock])
    try Program.expect(["chmod", "755", store.directory])
    let reader = try BackgroundProgram(
      User.asNobody + ["flock", kind, lock, "sh", "-c", "echo held; exec cat"])
    #expect(reader.firstOutput() == "held\n")
    try store.expectSuccess(["activate", "1", "--wait", "0s"])
    #expect(
      try store.expectSuccess(["recover", "--boot", "--json"]).json["outcome"] as? String
        == "unchanged", "recovery is not left to a reader")
    try store.expectSuccess(["activate", "2", "--wait", "0s"])
    reader.end()
    let owner = try store.holdLock()
    try store.expectFailure(["activate", "1", "--wait", "0s"], status: 5, code: "locked")
    owner.end()
    try store.expectConsistent()
  }

  @Test(.enabled(if: User.isRoot, "only root can start processes of other users"))
  func `a reader cannot pretend to be root by a process that cannot be dumped`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let lock = "\(store.path)/.releases/lock"
    try Program.expect(["chmod", "-R", "go+rX", store.directory])
    // The files of such a process in /proc belong to root.
    let script = """
      import ctypes, fcntl, sys
      ctypes.CDLL(None).prctl(4, 0)
      file = open(sys.argv[1])
      fcntl.flock(file, fcntl.LOCK_EX)
      print("held", flush=True)
      sys.stdin.read()
      """
    let reader = try BackgroundProgram(User.asNobody + ["python3", "-c", script, lock])
    #expect(reader.firstOutput() == "held\n")
    try store.expectSuccess(["activate", "1", "--wait", "0s"])
    reader.end()
  }

  @Test(.enabled(if: User.isRoot, "only root can start processes of other users"))
  func `a user who may only read the record of a deployment does not keep it running`() throws {
    let store = try TestStore()
    let attempts = "\(store.path)/.releases/attempts"
    let archive = try store.archive(["VERSION": "1"])
    let running = try store.start(["deploy", "-", "--request", "r1"])
    try store.waitUntil("the deployment is recorded") { store.exists(".releases/attempts/r1.json") }
    try store.expectFailure(["wait", "r1", "--timeout", "0s"], status: 5)
    try Program.expect(["chmod", "-R", "go+rX", store.directory])
    running.send(SIGKILL)
    running.end()
    let reader = try BackgroundProgram(
      User.asNobody + ["flock", "\(attempts)/r1.json", "sh", "-c", "echo held; exec cat"])
    #expect(reader.firstOutput() == "held\n")
    let ended = try store.run(["wait", "r1", "--timeout", "0s"])
    #expect(ended.status == 11 || ended.status == 1, "\(ended)")
    try store.expectSuccess(["deploy", archive, "--request", "r1"])
    reader.end()
  }

  @Test func `a moved store works, and absolute links have a hint`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    let moved = try TestStore(initialized: false)
    try Program.expect(["mv", store.path, moved.path])
    try moved.expectSuccess(["rollback"])
    #expect(moved.current == "2" && moved.previous == "1")
    try moved.makeLink("current", to: "\(moved.path)/releases/2")
    try moved.makeLink("previous", to: "\(moved.path)/releases/1")

    let again = try TestStore(initialized: false)
    try Program.expect(["mv", moved.path, again.path])
    let hint =
      "if the store was moved here, replace the link: releases --store \(again.path) activate 2"
    #expect(try again.run(["check"]).output.contains("hint: \(hint)"))
    #expect(try again.run(["status"]).output.contains("if the store was moved here"))
    try again.expectSuccess(["activate", "2"])
    #expect(again.link("current") == "releases/2" && again.link("previous") == "releases/1")
    try again.expectConsistent()
  }
}
