import Glibc
import Testing

@testable import Linux

@Suite struct FileLockTests {
  @Test func `only one open file holds the lock`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("lock", "")
    let first = try root.open("lock", .readWrite)
    let second = try root.open("lock", .readWrite)
    #expect(try first.tryLock())
    #expect(try first.tryLock(), "the holder may take it again")
    #expect(try !second.tryLock())
    #expect(try !second.lock(waitingUpTo: 0))
    #expect(try !second.lock(waitingUpTo: 0.01))
    try first.close()
    // A program that a parallel test starts also has the descriptor for a moment.
    #expect(try second.lock(waitingUpTo: 60))
  }

  @Test func `a duplicate descriptor keeps the lock`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("lock", "")
    let other = try root.open("lock", .readWrite)
    let first = try root.open("lock", .readWrite)
    #expect(try first.tryLock())
    let copy = try Descriptor.duplicate(first.raw)
    try first.close()
    #expect(try !other.tryLock())
    try copy.close()
    #expect(try other.lock(waitingUpTo: 60))
  }

  /// Each of sixteen threads increments a counter under the lock.
  @Test func `each of many waiting threads gets the lock`() async throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let path = scratch.path
    try scratch.root().writeFile("lock", "")
    try scratch.root().writeFile("count", "0")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let root = try Descriptor.openDirectory(path)
          let lock = try root.open("lock", .readWrite)
          #expect(try lock.lock(waitingUpTo: 60))
          let count = try #require(Int(try root.text(of: "count")))
          for _ in 0..<100 { sched_yield() }
          try root.open("count", .writeOnly).write(Array("\(count + 1)".utf8), at: 0)
          try lock.close()
        }
      }
      try await group.waitForAll()
    }
    #expect(try scratch.root().text(of: "count") == "16")
  }

  @Test func `the process that holds the lock is found`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("lock", "")
    let status = try root.status(of: "lock")
    #expect(ProcessFacts.lockHolders(of: status) == [])
    let lock = try root.open("lock", .readWrite)
    #expect(try lock.tryLock())
    #expect(ProcessFacts.lockHolders(of: status) == [getpid()])
  }
}
