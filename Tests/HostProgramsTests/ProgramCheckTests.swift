import Configuration
import Foundation
import Glibc
import HostPrograms
import Linux
import ModelTestSupport
import ReleaseModel
import Testing
import Text

/// Programs that are checked before they are needed.
@Suite struct ProgramCheckTests {
  private let hooks: HookFixture
  private let directory: String
  private var program: String { "\(directory)/it" }

  init() throws {
    hooks = try HookFixture()
    directory = try #require(try hooks.standIn(for: "it", "true").first)
  }

  private func problems(_ command: Configuration.Command) -> [ReleasesError] {
    var configuration = Configuration()
    configuration.hooks.activate = .init(run: command)
    return problems(in: configuration)
  }

  private func problems(in configuration: Configuration) -> [ReleasesError] {
    ProgramCheck(store: hooks.path, owner: geteuid())
      .problems(in: configuration)
  }

  @Test func `a program that only its owner can change is accepted`() {
    #expect(problems(.arguments([program])).isEmpty)
    #expect(problems(.shell("\(program) --now && true")).isEmpty)
    #expect(problems(in: Configuration()).isEmpty)
  }

  @Test func `a shell line without a plain absolute path is not checked`() {
    for line in ["$HOME/x", "/nowhere/* x", "\"/nowhere/x\"", "true; /nowhere/x", "nowhere/x"] {
      #expect(problems(.shell(line)).isEmpty, "\(line)")
    }
    #expect(problems(.arguments(["nowhere/x"])).isEmpty)
  }

  @Test(
    arguments: [
      (.arguments(["systemctll", "restart", "x"]), "systemctl"),
      (.shell("sleeep 1; true"), "sleep"),
      (.arguments(["no-such-program-at-all"]), nil),
    ] as [(Configuration.Command, String?)])
  func `a program that does not exist is a problem`(command: Configuration.Command, meant: String?)
    throws
  {
    let problem = try #require(problems(command).first)
    #expect(
      problem.code == .configuration
        && problem.message.text.hasPrefix("hooks.activate: no program '"))
    if let meant { #expect(problem.hint?.text.text.hasPrefix("did you mean '\(meant)'?") == true) }
  }

  @Test(arguments: ["uv", "nmp", "lss"])
  func `no program is suggested for a short name`(name: String) throws {
    let problem = try #require(problems(.arguments([name, "sync"])).first)
    #expect(
      problem.hint?.text.text
        == "install the program, or change hooks.activate in \(hooks.path)/releases.yaml to its "
        + "absolute path")
  }

  @Test(.enabled(if: geteuid() == 0 && getenv("HOME").map { String(cString: $0) } == "/root"))
  func `the absolute path of a program in the owner's home is suggested`() throws {
    let name = "releases-test-\(getpid())"
    let folder = URL(fileURLWithPath: "/root/.local/bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    try Data("#!/bin/sh\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    let problem = try #require(problems(.arguments([name])).first)
    #expect(
      problem.hint?.text.text
        == "change hooks.activate in \(hooks.path)/releases.yaml to its absolute path: \(file.path)"
    )
  }

  @Test func `a program of the host and a word of the shell are accepted`() {
    for line in [
      "cd x && no", "if true; then y; fi", "A=1 no", "exec no", "sleep 1", "! no", "[ x ]",
    ] {
      #expect(problems(.shell(line)).isEmpty, "\(line)")
    }
    #expect(problems(.arguments(["sleep", "1"])).isEmpty)
  }

  @Test func `a program in a release is recognized by its path`() {
    for (command, isInRelease) in [
      (.arguments(["bin/run"]), true), (.arguments(["./run", "/bin/sh"]), true),
      (.arguments(["/opt/x/current/run"]), true), (.arguments(["run", "./run"]), false),
      (.arguments(["/opt/xy/run"]), false), (.arguments(["/bin/sh", "./run"]), false),
      (.shell("./run --now && true"), true), (.shell("sh ./run"), false),
      (.shell("\"$HOME\"/run"), false), (.shell("/opt/x/releases/1/run"), true),
    ] as [(Configuration.Command, Bool)] {
      #expect(command.isInRelease(of: "/opt/x") == isInRelease, "\(command)")
    }
  }

  private func problems(
    _ command: Configuration.Command, inRelease id: ReleaseID
  ) -> [ReleasesError] {
    var configuration = Configuration()
    configuration.hooks.activate = .init(run: command)
    return ProgramCheck(store: hooks.path, owner: geteuid()).problems(in: configuration, of: id)
  }

  @Test func `a program is looked up in the tree of the release`() throws {
    let path = "\(hooks.tree)/bin/run"
    try FileManager.default.createDirectory(
      atPath: "\(hooks.tree)/bin", withIntermediateDirectories: true)
    let commands: [Configuration.Command] = [
      .arguments(["bin/run"]), .arguments(["./bin/run", "x"]), .shell("bin/run --now && true"),
      .shell("bin/run\n"), .arguments(["\(hooks.path)/current/bin/run"]),
    ]
    for command in commands {
      let problem = try #require(problems(command, inRelease: "1").first, "\(command)")
      #expect(problem.code == .configuration)
      #expect(
        problem.message.text.hasSuffix("bin/run does not exist in release 1")
          || problem.message.text.hasSuffix("/1/bin/run does not exist"))
    }
    try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(
      problems(commands[0], inRelease: "1").first?.message
        == "hooks.activate: bin/run is not executable in release 1")
    #expect(
      problems(.arguments(["./bin"]), inRelease: "1").first?.message
        == "hooks.activate: ./bin is a directory in release 1, not a program")
    chmod(path, 0o755)
    for command in commands { #expect(problems(command, inRelease: "1").isEmpty, "\(command)") }
  }

  @Test func `a shell line that may succeed without its first program is accepted`() {
    for line in [
      "bin/none || true", "bin/none; true", "bin/none | cat", "bin/none &", "A=b/c true",
      "if bin/none; then x; fi", "cd bin && ./none", "bin/none\ntrue", "$X/none",
    ] {
      #expect(problems(.shell(line), inRelease: "1").isEmpty, "\(line)")
    }
  }

  @Test func `every hook and the health command are checked`() {
    var configuration = Configuration()
    configuration.hooks.prepare = .init(run: .shell("/nowhere/a b"))
    configuration.hooks.activate = .init(run: .arguments(["/nowhere/b"]))
    configuration.hooks.succeeded = .init(run: .shell("/nowhere/c"))
    configuration.hooks.failed = .init(run: .shell("/nowhere/d"))
    configuration.health = .init(probe: .command(.shell("/nowhere/e")))
    let found = problems(in: configuration)
    #expect(
      found.map(\.message) == [
        "hooks.prepare: /nowhere/a does not exist", "hooks.activate: /nowhere/b does not exist",
        "hooks.succeeded: /nowhere/c does not exist", "hooks.failed: /nowhere/d does not exist",
        "health.command: /nowhere/e does not exist",
      ])
    #expect(found.allSatisfy { $0.code == .configuration })
  }

  @Test func `a file that is not a program is a problem`() throws {
    chmod(program, 0o644)
    #expect(
      problems(.shell(program)).first?.message == "hooks.activate: \(program) is not executable")
    #expect(
      problems(.shell(directory)).first?.message
        == "hooks.activate: \(directory) is a directory, not a program")
  }

  @Test func `a program that other users can change is a problem`() throws {
    chmod(program, 0o757)
    let file = try #require(problems(.shell(program)).first)
    #expect(file.code == .unsafeOwner && file.hint?.command == .shell("chmod o-w \(program)"))
    chmod(program, 0o775)
    #expect(problems(.shell(program)).isEmpty, "the group is the owner's decision")
    chmod(directory, 0o777)
    let above = try #require(problems(.shell(program)).first)
    #expect(above.code == .unsafeOwner && above.hint?.command == .shell("chmod o-w \(directory)"))
    chmod(directory, 0o1777)
    #expect(
      problems(.shell(program)).isEmpty, "only the owner can replace a file in a sticky directory")
  }

  @Test func `the target of a symbolic link is checked too`() throws {
    let link = "\(hooks.path)/link"
    symlink(program, link)
    #expect(problems(.shell(link)).isEmpty)
    chmod(directory, 0o777)
    #expect(problems(.shell(link)).first?.hint?.command == .shell("chmod o-w \(directory)"))
  }

  @Test(.enabled(if: geteuid() == 0)) func `a program of another user is a problem`() throws {
    chown(program, 1234, 0)
    let found = try #require(problems(.shell(program)).first)
    #expect(found.code == .unsafeOwner)
    #expect(found.message.text.contains("belongs to user 1234, neither the store's owner nor root"))
  }
}
