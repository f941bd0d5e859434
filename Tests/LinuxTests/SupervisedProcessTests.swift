import Foundation
import Glibc
import Testing

@testable import Linux

@Suite struct SupervisedProcessTests {
  @Test func oneThatMayNotBeEndedIsNotWaitedFor() throws {
    let child = try ChildProcess.start(
      "/bin/sleep", ["sleep", "600"], descriptors: [])
    defer { kill(child.pid, SIGKILL) }
    #expect(!child.hasEnded)
    child.abandon()
    child.kill()
    #expect(kill(child.pid, 0) == 0, "it is nobody's any more")
    _ = child.wait()
  }

  @Test func theEndIsSeenWithoutTakingIt() throws {
    let child = try ChildProcess.start("/bin/sh", ["sh", "-c", "exit 3"], descriptors: [])
    while !child.hasEnded { Clock.sleep(seconds: 0.005) }
    #expect(kill(child.pid, 0) == 0, "its number is kept")
    #expect(child.wait() == .exited(3))
    #expect(child.hasEnded)
  }

  @Test func aGroupIsAliveWhileOneOfItRuns() throws {
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

  @Test func aSignalThatIsHeldBackIsSeen() {
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

  @Test func aSignalThatIsWatchedForIsSeenTooAndTakesEffectLater() throws {
    let pipe = try Linux.Pipe()
    let probe = try #require(SandboxTests.program()).path
    let child = try ChildProcess.start(
      probe, [probe, "--held-signal"], descriptors: [0, pipe.writing.raw])
    #expect(child.wait() == .signaled(SIGTERM))
    let said = try pipe.reading.readExactly(24)
    #expect(String(decoding: said, as: UTF8.self) == "pending 15\ncleaned up 0\n")
  }

  @Test func directoriesAreFollowedUpToTheRoot() throws {
    let scratch = try Scratch()
    try scratch.root().makeDirectory("a")
    let inner = try scratch.root().openDirectory("a")
    let found = try inner.ancestry().map(\.identity)
    #expect(try found[0] == inner.status().identity)
    #expect(try found[1] == scratch.root().status().identity)
    #expect(try found.last == status(ofPath: "/").identity)
  }
}
