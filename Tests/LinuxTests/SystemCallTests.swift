import Glibc
import Testing

@testable import Linux

@Suite struct SystemCallTests {
  @Test(arguments: [0, 1, 5]) func anInterruptedCallIsTriedAgain(times: Int) throws {
    var left = times
    var calls = 0
    let result = try attempt("call") { () -> Int in
      calls += 1
      guard left > 0 else { return 42 }
      left -= 1
      errno = EINTR
      return -1
    }
    #expect(result == 42)
    #expect(calls == times + 1)
  }

  @Test(arguments: [ENOENT, EIO, EAGAIN, ENOSPC]) func anyOtherFailureIsFinal(code: Int32) {
    var calls = 0
    let error = #expect(throws: SystemError.self) {
      try attempt("call", "/path") { () -> Int32 in
        calls += 1
        errno = code
        return -1
      }
    }
    #expect(calls == 1)
    #expect(error == SystemError(call: "call", path: "/path", errno: Errno(rawValue: code)))
  }

  @Test func thePathIsOnlyWorkedOutForAnError() throws {
    func path() -> String? {
      Issue.record("worked out for nothing")
      return nil
    }
    try attempt("call", path()) { Int32(0) }
  }

  /// A wait that a signal cuts short goes on: nothing of what is written is lost.
  @Test func aLongWriteComesThroughInPieces() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try root.open("f", [.readWrite, .create])
    try file.write(bytes)
    try file.write([1, 2, 3], at: 10)
    #expect(try file.read(count: 300_000, at: 0) == bytes[..<10] + [1, 2, 3] + bytes[13...])
    #expect(try file.read(count: 10, at: 299_995).count == 5, "short only at the end")
    #expect(try file.read(count: 10, at: 400_000).isEmpty)
    try file.rewind()
    let error = #expect(throws: SystemError.self) { try file.readAll(limit: 299_999) }
    #expect(error?.errno == .fileTooBig)
    try file.rewind()
    #expect(try file.readAll(limit: 300_000).count == 300_000)
  }

  @Test(
    arguments: [
      ("fsync", true), ("fdatasync", true), ("syncfs", true), ("write", false), ("close", false),
    ])
  func onlyAFlushLosesWrites(call: String, isLost: Bool) {
    #expect(SystemError(call: call, errno: .inputOutput).isLostWrite == isLost)
  }

  @Test(
    arguments: [
      (.noEntry, "no such file or directory"), (.inputOutput, "input/output error"),
      (Errno(rawValue: 99_999), "unknown error 99999"),
    ] as [(Errno, String)])
  func anErrorNumberIsASentence(errno: Errno, sentence: String) {
    #expect(errno.description == sentence)
  }
}

@Suite struct FileLockTests {
  @Test func onlyOneHoldsIt() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("lock", "")
    let first = try root.open("lock", .readWrite)
    let second = try root.open("lock", .readWrite)
    #expect(try first.tryLock())
    #expect(try first.tryLock(), "whoever holds it may ask again")
    #expect(try !second.tryLock())
    #expect(try !second.lock(waitingUpTo: 0))
    #expect(try !second.lock(waitingUpTo: 0.01))
    try first.close()
    // A program that another test starts has it too for a moment.
    #expect(try second.lock(waitingUpTo: 60))
  }

  @Test func aDuplicateKeepsIt() throws {
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

  /// Sixteen threads that add one each, under the lock.
  @Test func whoeverWaitsGetsIt() async throws {
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

  @Test func theKernelNamesTheHolder() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.writeFile("lock", "")
    let inode = try root.status(of: "lock").inode
    #expect(ProcessFacts.lockHolder(inode: inode) == nil)
    let lock = try root.open("lock", .readWrite)
    #expect(try lock.tryLock())
    #expect(ProcessFacts.lockHolder(inode: inode) == getpid())
  }
}
