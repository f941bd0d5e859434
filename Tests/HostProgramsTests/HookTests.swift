import Configuration
import Foundation
import Glibc
import HostPrograms
import Linux
import ModelTestSupport
import ReleaseModel
import Testing
import Text

/// The environment, output, time limit and end of hooks.
@Suite struct HookTests {
  @Test func `a hook gets the documented environment and nothing else`() throws {
    let hooks = try HookFixture()
    let report = try hooks.run(
      .arguments(["env"]), .activate,
      [
        "LANG": "C.UTF-8", "LC_ALL": "C", "TZ": "Asia/Shanghai", "https_proxy": "http://p",
        "NO_PROXY": "localhost", "PATH": "/elsewhere", "HOME": "/elsewhere", "SECRET": "x",
        "LD_PRELOAD": "x", "RELEASES_ID": "other", "XLC_ALL": "x",
      ])
    #expect(report.ending == .exited(0))
    let account = try #require(getpwuid(geteuid())?.pointee)
    let name = String(cString: account.pw_name)
    let tree = try #require(try Descriptor.openDirectory(hooks.tree).path)
    #expect(
      Set(String(decoding: hooks.output, as: UTF8.self).split(separator: "\n").map(String.init))
        == [
          "LANG=C.UTF-8", "LC_ALL=C", "TZ=Asia/Shanghai", "https_proxy=http://p",
          "NO_PROXY=localhost",
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=\(String(cString: account.pw_dir))", "SHELL=\(String(cString: account.pw_shell))",
          "USER=\(name)", "LOGNAME=\(name)", "RELEASES_STORE=\(hooks.path)", "RELEASES_ID=1",
          "RELEASES_PATH=\(tree)", "RELEASES_PREVIOUS=0", "RELEASES_EVENT=activate",
          "RELEASES_REF=v1",
        ])
  }

  @Test func `a hook runs in its release with empty input`() throws {
    let hooks = try HookFixture()
    #expect(try hooks.shell("pwd -P; cat; cat <&0; echo end >&2").isSuccess)
    let tree = try #require(try Descriptor.openDirectory(hooks.tree).path)
    #expect(String(decoding: hooks.output, as: UTF8.self) == "\(tree)\nend\n")
  }

  @Test func `a program is looked up in the release and in the search path only`() throws {
    let hooks = try HookFixture()
    #expect(
      try hooks.shell("mkdir bin; echo '#!/bin/sh\necho $1' > bin/it; chmod +x bin/it").isSuccess)
    #expect(try hooks.run(.arguments(["bin/it", "a b; c"])).lastLines == ["a b; c"])
    #expect(
      try hooks.run(.arguments(["it"])).problem?.text.hasPrefix(
        "the prepare hook could not be started: no program 'it' in /usr/local/sbin")
        == true)
  }

  @Test(
    arguments: [
      ("rm -f p", "./p does not exist"), ("echo x > p", "./p is not executable"),
      ("echo x > p; chmod +x p", "./p is not a program, and does not start with #!"),
      (
        "echo '#!/nowhere/sh' > p; chmod +x p",
        "the interpreter in the first line of ./p is missing"
      ),
      ("mkdir p", "./p is not executable"),
    ])
  func `a hook that cannot be started says why`(preparation: String, why: String) throws {
    let hooks = try HookFixture()
    #expect(try hooks.shell(preparation).isSuccess)
    let report = try hooks.run(.arguments(["./p"]))
    #expect(report.ending == .notStarted(Message(why)))
    #expect(report.problem == "the prepare hook could not be started: \(why)")
    #expect(try hooks.read("\(hooks.logs)/1-prepare.log").hasSuffix("not be started: \(why)\n"))
  }

  @Test func `a hook of a release without a directory is not started`() throws {
    let report = try HookFixture().run(.shell("true"), of: "2")
    guard case .notStarted(let why) = report.ending else {
      Issue.record("\(report.ending)")
      return
    }
    #expect(why.text.hasPrefix("can't open the directory of release 2: "))
  }

  @Test func `the report says how a hook ended`() throws {
    let hooks = try HookFixture()
    let failed = try hooks.shell("echo one; echo; printf 'last\\tline\\n\\n' >&2; exit 3")
    #expect(failed.ending == .exited(3))
    #expect(failed.lastLines == ["one", "last line"])
    #expect(
      failed.problem?.text.hasPrefix("the prepare hook exited with status 3 after 0.") == true)
    #expect(failed.problem?.text.hasSuffix("s: last line") == true)
    let killed = try hooks.shell("kill -9 $$")
    #expect(killed.ending == .signaled(9))
    #expect(try hooks.shell("true").problem == nil)
  }

  @Test func `the report prefers the error line to the hint after it`() throws {
    let report = try HookFixture().shell(
      "echo 'error: first'; echo 'Error: no network'; echo '  cause: x'; echo 'hint: y'; exit 2")
    #expect(report.mostRelevantLine == "Error: no network")
    #expect(report.problem?.text.hasSuffix("s: Error: no network") == true)
    #expect(report.lastLines.last == "hint: y")
  }

  @Test func `the last lines are few, short and printable`() throws {
    let hooks = try HookFixture()
    let report = try hooks.shell(
      #"seq 1 1000; printf '\033[31mred\033[0m\377\r\n'; head -c 3000 /dev/zero | tr '\0' x"#)
    #expect(report.lastLines.count == 20)
    #expect(report.lastLines[17] == "1000")
    #expect(report.lastLines[18] == "red\u{FFFD}")
    #expect(report.lastLines[19] == String(repeating: "x", count: 500))
  }

  // MARK: - Time

  @Test func `a hook that exceeds its time is ended with its process group`() throws {
    let hooks = try HookFixture()
    let start = Clock.monotonicSeconds()
    let report = try hooks.shell(
      "(sleep 600 & echo $! > far; exec sleep 600) & echo $! > near; echo begun; wait", timeout: 1)
    #expect(report.ending == .timedOut(after: TimeSpan(seconds: 1)))
    #expect(report.problem == "the prepare hook did not end within 1s: begun")
    #expect(report.leftRunning == nil)
    #expect(try !isRunning(hooks.number(in: "near")) && !isRunning(hooks.number(in: "far")))
    #expect(
      Clock.monotonicSeconds() - start < 8, "no process ignores SIGTERM, so no grace period passes")
  }

  @Test func `a process that ignores SIGTERM is killed after the grace period`() throws {
    let hooks = try HookFixture()
    let start = Clock.monotonicSeconds()
    // The leader of the group ends at SIGTERM; its child ignores it.
    let report = try hooks.shell(
      "(trap '' TERM; while :; do sleep 1; done) & echo $! > pid; touch up; wait",
      stop: { [tree = hooks.tree] in
        FileManager.default.fileExists(atPath: "\(tree)/up") ? .signal(SIGTERM) : nil
      })
    #expect(report.ending == .stopped(.signal(SIGTERM)))
    #expect(try !isRunning(hooks.number(in: "pid")))
    #expect(Clock.monotonicSeconds() - start >= 5)
  }

  @Test func `a process stopped by SIGSTOP is ended too`() throws {
    let hooks = try HookFixture()
    let start = Clock.monotonicSeconds()
    #expect(
      try hooks.shell("kill -STOP $$", timeout: 1).ending == .timedOut(after: TimeSpan(seconds: 1)))
    #expect(Clock.monotonicSeconds() - start < 8)
  }

  @Test func `a hook can clean up when it is stopped`() throws {
    let hooks = try HookFixture()
    let report = try hooks.shell(
      "trap 'echo cleaned; exit 0' TERM; touch up; while :; do sleep 0.05; done",
      stop: { [tree = hooks.tree] in
        FileManager.default.fileExists(atPath: "\(tree)/up")
          ? .aborted(by: "ann", reason: "wrong one") : nil
      })
    #expect(report.ending == .stopped(.aborted(by: "ann", reason: "wrong one")))
    #expect(report.lastLines.last == "cleaned")
    #expect(report.problem?.text.hasSuffix("by ann: wrong one: cleaned") == true)
  }

  @Test func `a hook is not started after a stop`() throws {
    let hooks = try HookFixture()
    #expect(
      try hooks.shell("touch begun", stop: { .signal(SIGINT) }).ending == .stopped(.signal(SIGINT)))
    #expect(!FileManager.default.fileExists(atPath: "\(hooks.tree)/begun"))
  }

  // MARK: - What it leaves behind

  @Test func `a daemon keeps running and inherits no descriptors`() throws {
    let hooks = try HookFixture()
    let lock = try Descriptor.open("\(hooks.path)/.releases/lock", [.readWrite, .create])
    #expect(try lock.tryLock())
    // A descriptor without FD_CLOEXEC is not inherited either.
    let careless = fcntl(lock.raw, F_DUPFD, 50)
    let start = Clock.monotonicSeconds()
    let report = try hooks.shell("sleep 600 & echo $! > pid; echo started")
    #expect(report.isSuccess && report.lastLines == ["started"])
    #expect(Clock.monotonicSeconds() - start < 5, "the daemon is not waited for")
    let daemon = try hooks.number(in: "pid")
    defer { kill(daemon, SIGKILL) }
    #expect(isRunning(daemon))
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon)/fd")
    #expect(open.sorted() == ["0", "1", "2"])
    close(careless)
    try lock.close()
    let again = try Descriptor.open("\(hooks.path)/.releases/lock", .readWrite)
    #expect(try again.tryLock(), "the daemon does not hold the lock")
  }

  @Test func `a hook that closes its output is waited for`() throws {
    let hooks = try HookFixture()
    #expect(try hooks.shell("exec >&- 2>&-; sleep 0.3; touch done").isSuccess)
    #expect(FileManager.default.fileExists(atPath: "\(hooks.tree)/done"))
  }

  @Test func `a hook gets its own signals while those of the command are held`() throws {
    let cleanup = Signals.onTermination {}
    defer { cleanup.cancel() }
    let held = Signals.holdTermination()
    defer { held.release() }
    // The command holds its signals; a hook does not inherit that.
    let report = try HookFixture().shell("kill -TERM $$; sleep 600", timeout: 60)
    #expect(report.ending == .signaled(SIGTERM))
  }
}
