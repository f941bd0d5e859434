import Foundation
import Synchronization
import Testing

/// Many at work on one store.
@Suite(.serialized) struct ConcurrencyTests {
  @Test func `current always resolves while 2000 switches run`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
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
      // The lock is free: the pair is one of the two legal ones.
      #expect(store.current == target && store.previous == (target == "1" ? "2" : "1"))
    }
    isOver.withLock { $0 = true }
    ended.wait()
    #expect(misses.withLock { $0 } == [])
    #expect(reads.withLock { $0 } > 2000)
  }

  /// Between making a stage and locking it, another command's recovery takes it for one of a dead
  /// writer: the unpacking then makes another.
  @Test func `unpack recreates a stage that recovery removed before its lock`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "any"])
    let slow = [
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdirat",
      "-e", "inject=mkdirat:delay_exit=4000000:when=1",
    ]
    let unpacked = Mutex<Releases.Run?>(nil)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      unpacked.withLock { $0 = try? store.run(["unpack", archive, "--id", "1"], launcher: slow) }
      ended.signal()
    }.start()
    while try store.names(".releases/staging") == [] { usleep(1000) }
    try store.expectDone(["recover"])
    #expect(try store.names(".releases/staging") == [], "the stage was not swept in time")
    ended.wait()
    let run = try #require(unpacked.withLock { $0 })
    #expect(run.status == 0, "\(run.errors)")
    #expect(try store.names("releases") == ["1"])
    try store.expectSettled()
  }

  /// What looks like a dead writer's may get a writer before it is taken away.
  @Test func `recovery locks an abandoned stage before it removes it`() throws {
    let store = try TestStore()
    let stage = "\(store.path)/.releases/staging/left-behind"
    try Program.expect(["mkdir", stage])
    let ended = DispatchSemaphore(value: 0)
    let slow = [
      "strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat2",
      "-e", "inject=renameat2:delay_enter=6000000:when=1",
    ]
    Thread {
      _ = try? store.run(["recover"], launcher: slow)
      ended.signal()
    }.start()
    // Whoever tried to lock it in order to see would himself be taken for its writer.
    let attributes = try FileManager.default.attributesOfItem(atPath: stage)
    let inode = try #require(attributes[.systemFileNumber] as? Int)
    try store.waitUntil("the recovery has locked it") {
      try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        .contains { $0.contains("FLOCK") && $0.contains(":\(inode) ") }
    }
    #expect(FileManager.default.fileExists(atPath: stage))
    ended.wait()
    try store.expectSettled()
  }

  @Test func `eight concurrent commands lose no published release`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let archive = try store.archive(["VERSION": "any"])
    let variable = ProcessInfo.processInfo.environment["RELEASES_MINUTES"]
    let seconds = (variable.flatMap(Double.init) ?? 0.15) * 60
    let deadline = Date(timeIntervalSinceNow: seconds)
    let published = Mutex<Set<String>>([])
    let complaints = Mutex<[String]>([])
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
          // A switch to what a prune has just removed, or a rollback marked bad, is refused.
          let allowed: Set<Int32> =
            worker == 6 ? [0] : worker == 4 || worker == 5 ? [0] : [0, 3, 4]
          if !allowed.contains(run.status) {
            complaints.withLock { $0.append("\(jobs[worker]): \(run.status) \(run.errors)") }
          }
          if jobs[worker][0] == "unpack", run.status == 0, let id = run.lines.last {
            published.withLock { _ = $0.insert(id) }
          }
        }
      }.start()
    }
    group.wait()
    #expect(complaints.withLock { $0 } == [])
    try store.expectSettled()
    let entries = try store.history()
    let removed = Set(
      entries.filter { $0["operation"] as? String == "remove" }.compactMap { $0["id"] as? String })
    let there = Set(try store.names("releases"))
    let ids = published.withLock { $0 }
    #expect(!ids.isEmpty)
    #expect(ids.subtracting(there).subtracting(removed) == [], "an acknowledged release is lost")
  }
}
