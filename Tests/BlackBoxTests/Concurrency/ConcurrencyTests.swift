import Foundation
import Synchronization
import TestSupport
import Testing

/// Readers and writers at work on one store at the same time.
@Suite(.serialized) struct ConcurrencyTests {
  @Test func `current always resolves while 2000 switches run`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let isOver = Mutex(false)
    let misses = Mutex<[String]>([])
    let reads = Mutex(0)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      while !isOver.withLock({ $0 }) {
        let text = try? String(contentsOfFile: "\(store.path)/current/VERSION", encoding: .utf8)
        if text != "1" && text != "2" { misses.withLock { $0.append(text ?? "no file") } }
        reads.withLock { $0 += 1 }
      }
      ended.signal()
    }.start()
    for number in 1...2000 {
      let target = number % 2 == 1 ? "1" : "2"
      let run = try store.run(["activate", target, "--quiet"])
      try #require(run.status == 0, "switch \(number): \(run.errors)")
      // No switch runs now, so the pair is one of the two valid ones.
      #expect(store.current == target && store.previous == (target == "1" ? "2" : "1"))
    }
    isOver.withLock { $0 = true }
    ended.wait()
    #expect(misses.withLock { $0 } == [])
    #expect(reads.withLock { $0 } > 2000)
  }

  /// A stage that is not locked yet looks abandoned to another command's recovery, so unpack has to
  /// create another one.
  @Test func `unpack recreates a stage that recovery removed before its lock`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "any"])
    let unpack = try StoppedCommand(["unpack", archive, "--id", "1"], in: store, after: "mkdirat")
    try store.waitUntil("unpack has a stage") { try store.names(".releases/staging") != [] }
    try store.expectSuccess(["recover"])
    #expect(try store.names(".releases/staging") == [], "the stage was not removed in time")
    #expect(try unpack.resume() == 0)
    #expect(try store.names("releases") == ["1"])
    try store.expectConsistent()
  }

  /// A stage that looks abandoned may get a writer before it is removed.
  @Test func `recovery locks an abandoned stage before it removes it`() throws {
    let store = try TestStore()
    let stage = "\(store.path)/.releases/staging/left-behind"
    try Program.expect(["mkdir", stage])
    let calls = try Strace.watch(["recover"], in: try store.copy()).calls
    let removal = try #require(
      calls.firstIndex { $0.name == "renameat2" && $0.text.contains("left-behind") })
    let locking = try #require(calls[..<removal].last { $0.name == "flock" })
    let recovery = try StoppedCommand(["recover"], in: store, after: "flock", locking.ordinal)
    // Trying the lock would itself look like a writer, so the test reads /proc/locks.
    let attributes = try FileManager.default.attributesOfItem(atPath: stage)
    let inode = try #require(attributes[.systemFileNumber] as? Int)
    try store.waitUntil("the recovery has locked it") {
      try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        .contains { $0.contains("FLOCK") && $0.contains(":\(inode) ") }
    }
    #expect(FileManager.default.fileExists(atPath: stage))
    #expect(try recovery.resume() == 0)
    try store.expectConsistent()
  }

  @Test func `eight concurrent commands lose no published release`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let archive = try store.archive(["VERSION": "any"])
    let variable = ProcessInfo.processInfo.environment["RELEASES_MINUTES"]
    let seconds = (variable.flatMap(Double.init) ?? 0.1) * 60
    let deadline = Date(timeIntervalSinceNow: seconds)
    let published = Mutex<Set<String>>([])
    let failures = Mutex<[String]>([])
    let jobs: [[String]] = [
      ["activate", "latest"], ["activate", "1"], ["activate", "2"], ["prune", "--keep", "4"],
      ["unpack", archive], ["unpack", archive], ["list", "--json"], ["rollback"],
    ]
    let group = DispatchGroup()
    for worker in jobs.indices {
      group.enter()
      Thread {
        defer { group.leave() }
        while Date.now < deadline {
          guard let run = try? store.run(jobs[worker]) else { continue }
          // A switch to a release that was just pruned or marked bad is refused.
          let allowed: Set<Int32> =
            worker == 6 ? [0] : worker == 4 || worker == 5 ? [0] : [0, 3, 4]
          if !allowed.contains(run.status) {
            failures.withLock { $0.append("\(jobs[worker]): \(run.status) \(run.errors)") }
          }
          if jobs[worker][0] == "unpack", run.status == 0, let id = run.lines.last {
            published.withLock { _ = $0.insert(id) }
          }
        }
      }.start()
    }
    group.wait()
    #expect(failures.withLock { $0 } == [])
    try store.expectConsistent()
    let entries = try store.history()
    let removed = Set(
      entries.filter { $0["operation"] as? String == "remove" }.compactMap { $0["id"] as? String })
    let there = Set(try store.names("releases"))
    let ids = published.withLock { $0 }
    #expect(!ids.isEmpty)
    #expect(ids.subtracting(there).subtracting(removed) == [], "a published release is lost")
  }

  @Test func `list shows a release completely or not at all`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try store.archive(["VERSION": "n", "a/b": "c"])
    let slow = [
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e",
      "inject=fsync:delay_exit=50000",
    ]
    let writing = Thread {
      for _ in 0..<3 {
        _ = try? store.run(["unpack", archive, "--id", "n"], launcher: slow)
        _ = try? store.run(["remove", "n"], launcher: slow)
      }
      try? store.write("done", "")
    }
    writing.start()
    while !store.exists("done") {
      #expect(try Set(store.releases().values.map { $0["state"] as? String }) == ["ready"])
      let verified = try store.run(["verify", "--all"])
      #expect(verified.status == 0, "\(verified.output)")
    }
  }
}
