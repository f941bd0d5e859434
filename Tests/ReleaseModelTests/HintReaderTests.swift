import ReleaseModel
import Testing
import Text

/// What becomes of the command of a hint for a reader without a shell on the host.
@Suite struct HintReaderTests {
  private let reader = HintReader(
    store: nil,
    limits: HintReader.Limits(hostStore: "/srv/a b") { line in
      ["releases rollback", "releases deploy - --ref v1"].contains(line)
    })

  @Test func `a command that the reader may run stays`() {
    let hint = Hint("roll back", command: ["rollback"])
    #expect(hint.command(for: reader) == "releases rollback")
    #expect(hint.line(for: reader) == "roll back: releases rollback")
  }

  @Test func `a command that the reader may not run is one for an operator`() {
    let hint = Hint("in an emergency, roll back anyway", command: ["rollback", "--force"])
    #expect(hint.command(for: reader) == nil)
    #expect(
      hint.line(for: reader)
        == "in an emergency, roll back anyway: ask an operator to run on the host: "
        + "releases --store '/srv/a b' rollback --force")
  }

  @Test func `a line for a shell is one for an operator`() {
    let hint = Hint("give it to the owner", shell: "sudo chown 5 /srv/x")
    #expect(hint.command(for: reader) == nil)
    #expect(
      Notice("x", hint: hint).line(for: reader)
        == "x; give it to the owner: ask an operator to run on the host: sudo chown 5 /srv/x")
  }

  @Test func `an archive comes from standard input`() {
    let hint = Hint("deploy it", command: ["deploy", "ARCHIVE", "--ref", "v1"])
    #expect(hint.command(for: reader) == "releases deploy - --ref v1 <ARCHIVE")
    #expect(hint.command(for: .local) == "releases deploy ARCHIVE --ref v1")
  }
}
