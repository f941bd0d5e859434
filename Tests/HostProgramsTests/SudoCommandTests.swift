import Configuration
import Foundation
import Linux
import TestSupport
import Testing

@testable import HostPrograms

/// The commands of hooks that begin with sudo, with scripts in place of sudo.
@Suite struct SudoCommandTests {
  private func words(_ line: String) -> [String]? { SudoCommand(.shell(line))?.words }

  @Test(
    arguments: [
      ("sudo systemctl restart notes", ["systemctl", "restart", "notes"]),
      ("sudo  -n /usr/bin/systemctl restart a@1:b.service\n", nil),
      ("/usr/bin/sudo /opt/x/restart \n", ["/opt/x/restart"]),
      ("sudo -n systemctl restart a@1", ["systemctl", "restart", "a@1"]),
    ] as [(String, [String]?)])
  func `a plain command is taken apart`(line: String, expected: [String]?) {
    #expect(words(line) == expected ?? ["/usr/bin/systemctl", "restart", "a@1:b.service"])
  }

  @Test(arguments: [
    "systemctl restart x", "sudo", "sudo -n", "sudo -u web x", "sudo A=1 x", "sudo bin/restart",
    "sudo x && y", "sudo x; y", "sudo x\nsudo y", "sudo x $RELEASES_ID", "sudo x 'a b'", "sudo x *",
    "sudo x >/dev/null", "A=1 sudo x", "exec sudo x", "sudo -- x", "sudo x \\y", "sudo x\ty", "",
  ])
  func `nothing is said about any other command`(line: String) { #expect(words(line) == nil) }

  @Test func `a list of arguments is a command without a shell`() {
    #expect(SudoCommand(.arguments(["sudo", "systemctl", "restart", "x"]))?.words.count == 3)
    #expect(SudoCommand(.arguments(["sudo", "sh", "-c", "a b"])) == nil)
  }

  @Test(arguments: [
    ("exit 0", false), ("exit 1", true), ("echo /usr/bin/x", false),
    ("echo 'sudo: a password is required' >&2; exit 1", true),
    ("echo 'sudo: x: command not found' >&2; exit 1", false),
    ("echo 'sudo: The \"no new privileges\" flag is set' >&2; exit 1", false),
    ("exit 2", false), ("kill -9 $$", false), ("exec sleep 600", false),
  ])
  func `only a clear refusal counts`(script: String, isRefused: Bool) throws {
    let hooks = try HookFixture()
    let programs = try hooks.standIn(
      for: "sudo", "printf '%s\\n' \"$*\" > \(hooks.tree)/asked; \(script)")
    let command = try #require(SudoCommand(.shell("sudo systemctl restart notes")))
    let start = Clock.monotonicSeconds()
    #expect(command.isRefused(CallerEnvironment(programDirectories: programs)) == isRefused)
    #expect(Clock.monotonicSeconds() - start < 5)
    #expect(try hooks.read("\(hooks.tree)/asked") == "-n -l -- systemctl restart notes\n")
    #expect(!command.isRefused(CallerEnvironment(programDirectories: ["/nowhere"])))
  }

  @Test(arguments: [
    ("sudo /usr/bin/systemctl restart a:b", #"/usr/bin/systemctl restart a\:b"#),
    ("sudo /opt/x/restart", #"/opt/x/restart """#),
    ("sudo true --a=b,c", #"/usr/bin/true --a\=b\,c"#),
  ])
  func `the rule permits the command and no more`(line: String, command: String) throws {
    let rule = try #require(SudoCommand(.shell(line))?.rule(user: "deploy", userID: 1005))
    #expect(rule.description == "deploy ALL=(root) NOPASSWD: \(command)")
    #expect(SudoCommand(.shell("sudo no-such-program x"))?.rule(user: nil, userID: 1) == nil)
  }
}
