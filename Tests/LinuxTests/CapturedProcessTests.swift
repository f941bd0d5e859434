import Foundation
import Glibc
import Testing

@testable import Linux

@Suite struct CapturedProcessTests {
  private func shell(_ script: String, others: [Int32] = []) throws -> CapturedProcess {
    let input = try Linux.Pipe()
    return try CapturedProcess(
      "/bin/sh", ["sh", "-c", script], environment: ["A": "b"], input: input.reading,
      others: others)
  }

  @Test func `both streams are read to their ends`() throws {
    let result = try shell("echo out $A; echo errors >&2; exit 7").result(within: 30)
    #expect(result.ending == .exited(7))
    #expect(result.output == Array("out b\n".utf8))
    #expect(result.errors == Array("errors\n".utf8))
  }

  @Test func `output beyond the limit does not block the program`() throws {
    let script = "head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero; exit 0"
    let result = try shell(script).result(within: 30)
    #expect(result.ending == .exited(0))
    #expect(result.output.count == 1 << 20 && result.errors.count == 1 << 20)
  }

  @Test func `a program is killed at its time limit`() throws {
    let start = Clock.monotonicSeconds()
    let result = try shell("echo begun; exec sleep 600").result(within: 0.3)
    #expect(result.ending == nil)
    #expect(result.output == Array("begun\n".utf8))
    #expect(Clock.monotonicSeconds() - start < 30)
  }

  @Test func `a process that closes its output and runs on is killed in time`() throws {
    let start = Clock.monotonicSeconds()
    let result = try shell("echo begun; exec >&- 2>&-; exec sleep 600").result(within: 0.3)
    #expect(result.ending == nil)
    #expect(result.output == Array("begun\n".utf8))
    #expect(Clock.monotonicSeconds() - start < 30)
  }

  @Test func `a file in memory can be opened again and read from its beginning`() throws {
    let file = try Descriptor.inMemory("test", Array("content".utf8))
    let result = try shell("cat /proc/self/fd/3 /proc/self/fd/3", others: [file.raw])
      .result(within: 30)
    #expect(result.output == Array("contentcontent".utf8))
    #expect(fcntl(file.raw, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test func `a program inherits no other open file`() throws {
    let inherited = fcntl(0, F_DUPFD, 20)
    defer { close(inherited) }
    let result = try shell("ls /proc/self/fd", others: [0]).result(within: 30)
    // The last descriptor is the directory that is being listed.
    #expect(String(decoding: result.output, as: UTF8.self) == "0\n1\n2\n3\n4\n")
  }

  @Test func `a write that blocks can be stopped`() throws {
    let pipe = try Linux.Pipe()
    let stop = try Linux.Pipe()
    try pipe.writing.setNonBlocking()
    try stop.writing.write([0])
    let bytes = [UInt8](repeating: 1, count: 1 << 20)
    let isDone = try bytes.withUnsafeBytes {
      try pipe.writing.write($0, unlessReadable: stop.reading)
    }
    #expect(!isDone)
  }

  @Test func `programs are found only in the given directories`() {
    #expect(HostProgram.find("sh", in: ["/nowhere", "/bin"]) == "/bin/sh")
    #expect(HostProgram.find("sh", in: ["/nowhere"]) == nil)
    #expect(HostProgram.find("passwd", in: ["/etc"]) == nil, "it is not executable")
    #expect(HostProgram.find("ssl", in: ["/etc"]) == nil, "it is a directory")
  }
}
