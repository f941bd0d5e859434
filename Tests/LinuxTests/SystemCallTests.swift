import Glibc
import Testing

@testable import Linux

@Suite struct SystemCallTests {
  @Test(arguments: [0, 1, 5]) func `an interrupted call is repeated`(times: Int) throws {
    var left = times
    var calls = 0
    let result = try systemCall("call") { () -> Int in
      calls += 1
      guard left > 0 else { return 42 }
      left -= 1
      errno = EINTR
      return -1
    }
    #expect(result == 42)
    #expect(calls == times + 1)
  }

  @Test(arguments: [ENOENT, EIO, EAGAIN, ENOSPC]) func `any other failure is not repeated`(
    code: Int32
  ) {
    var calls = 0
    let error = #expect(throws: SystemError.self) {
      try systemCall("call", "/path") { () -> Int32 in
        calls += 1
        errno = code
        return -1
      }
    }
    #expect(calls == 1)
    #expect(error == SystemError(call: "call", path: "/path", errno: Errno(rawValue: code)))
  }

  @Test func `the path is evaluated only for an error`() throws {
    func path() -> String? {
      Issue.record("the path was evaluated")
      return nil
    }
    try systemCall("call", path()) { Int32(0) }
  }

  @Test func `a long write is complete and readable from any offset`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try root.open("f", [.readWrite, .create])
    try file.write(bytes)
    try file.write([1, 2, 3], at: 10)
    #expect(try file.read(count: 300_000, at: 0) == bytes[..<10] + [1, 2, 3] + bytes[13...])
    #expect(try file.read(count: 10, at: 299_995).count == 5, "fewer bytes only at the end")
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
  func `only a failed flush counts as a lost write`(call: String, isLost: Bool) {
    #expect(SystemError(call: call, errno: .inputOutput).isLostWrite == isLost)
  }

  @Test(
    arguments: [
      (.noEntry, "no such file or directory"), (.inputOutput, "input/output error"),
      (Errno(rawValue: 99_999), "unknown error 99999"),
    ] as [(Errno, String)])
  func `an error number is described in words`(errno: Errno, sentence: String) {
    #expect(errno.description == sentence)
  }
}
