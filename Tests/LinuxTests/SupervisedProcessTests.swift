import Foundation
import Glibc
import Testing

@testable import Linux

@Suite struct SupervisedProcessTests {
  @Test func `an abandoned process is neither killed nor waited for`() throws {
    let child = try ChildProcess.start(
      "/bin/sleep", ["sleep", "600"], descriptors: [])
    defer { kill(child.pid, SIGKILL) }
    #expect(!child.hasEnded)
    child.abandon()
    child.kill()
    #expect(kill(child.pid, 0) == 0, "it still runs")
    _ = child.wait()
  }

  @Test func `hasEnded does not reap the process`() throws {
    let child = try ChildProcess.start("/bin/sh", ["sh", "-c", "exit 3"], descriptors: [])
    while !child.hasEnded { Clock.sleep(seconds: 0.005) }
    #expect(kill(child.pid, 0) == 0, "its process ID is not reused")
    #expect(child.wait() == .exited(3))
    #expect(child.hasEnded)
  }

  @Test func `a process group has a member while one of its processes runs`() throws {
    let pipe = try Linux.Pipe()
    let child = try ChildProcess.start(
      "/bin/sh", ["sh", "-c", "sleep 600 & echo $!"], descriptors: [0, pipe.writing.raw])
    while !child.hasEnded { Clock.sleep(seconds: 0.005) }
    let member = try #require(ProcessGroup.member(of: child.pid))
    #expect(member != child.pid, "its leader has ended")
    child.kill()
    while ProcessGroup.member(of: child.pid) != nil { Clock.sleep(seconds: 0.005) }
    #expect(child.wait() == .exited(0))
  }

  @Test func `a blocked signal is reported as pending`() {
    #expect(Signals.pendingTermination() == nil)
    let held = Signals.holdTermination()
    pthread_kill(pthread_self(), SIGTERM)
    #expect(Signals.pendingTermination() == SIGTERM)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    var taken: Int32 = 0
    sigwait(&signals, &taken)
    #expect(Signals.pendingTermination() == nil)
    held.release()
  }

  @Test
  func `a blocked signal is pending although the watcher has received it, and takes effect later`()
    throws
  {
    let pipe = try Linux.Pipe()
    let probe = try #require(SandboxTests.program()).path
    let child = try ChildProcess.start(
      probe, [probe, "--held-signal"], descriptors: [0, pipe.writing.raw])
    #expect(child.wait() == .signaled(SIGTERM))
    let output = try pipe.reading.readExactly(24)
    #expect(String(decoding: output, as: UTF8.self) == "pending 15\ncleaned up 0\n")
  }

  @Test func `the ancestry extends to the root directory`() throws {
    let scratch = try Scratch()
    try scratch.root().makeDirectory("a")
    let inner = try scratch.root().openDirectory("a")
    let found = try inner.ancestry().map(\.identity)
    #expect(try found[0] == inner.status().identity)
    #expect(try found[1] == scratch.root().status().identity)
    #expect(try found.last == status(ofPath: "/").identity)
  }
}
