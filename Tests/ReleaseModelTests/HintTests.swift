import ReleaseModel
import TestSupport
import Testing
import Text

@Suite struct HintTests {
  @Test func `a command names the store that --store named`() {
    let hint = Hint("see", command: ["activate", "1762147685", "--force"])
    #expect(hint.command(for: .local) == "releases activate 1762147685 --force")
    #expect(
      hint.command(for: HintReader(store: "/x"))
        == "releases --store /x activate 1762147685 --force")
  }

  @Test(arguments: [nil, "/x"])
  func `a line for a shell is never changed`(store: String?) {
    let line = "mkdir -p releases && releases --store /y init"
    #expect(Hint("make it", shell: line).command(for: HintReader(store: store)) == line)
  }

  @Test func `a hint without a command has none`() {
    let hint: Hint = "name the store with --store PATH"
    #expect(hint.command(for: HintReader(store: "/x")) == nil)
    #expect(hint.line(for: HintReader(store: "/x")) == "name the store with --store PATH")
  }

  @Test func `the one-line form joins the sentence and the command`() {
    let hint = Hint("see what is live", command: ["status"])
    #expect(hint.line(for: .local) == "see what is live: releases status")
    #expect(
      hint.line(for: HintReader(store: "/x")) == "see what is live: releases --store /x status")
    let shell = Hint("take the permission away", shell: "chmod go-w x")
    #expect(shell.line(for: HintReader(store: "/x")) == "take the permission away: chmod go-w x")
  }

  @Test(arguments: [
    ("/opt/diting", "/opt/diting"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$x", "'$x'"),
    ("~", "'~'"), ("../x", "../x"), ("a*b", "'a*b'"), ("", "''"), ("v1.2-3_4+5@6,7:8=9%", nil),
    ("-x", nil), ("caf\u{E9}", nil), ("\"", "'\"'"), ("#", "'#'"), ("a\\b", #"'a\b'"#),
  ])
  func `a word is quoted only where a shell needs it`(word: String, quoted: String?) {
    let hint = Hint("do it", command: ["pin", word])
    #expect(hint.command(for: .local) == "releases pin \(quoted ?? word)")
    #expect(
      hint.command(for: HintReader(store: word))
        == "releases --store \(quoted ?? word) pin \(quoted ?? word)")
  }

  @Test(arguments: [
    "it's \"both\" $HOME `x` \\ * ? [a] ! # ~ & ; | < > ( ) { }", "'", "''", "~root",
  ])
  func `a shell reads the words of the command`(word: String) throws {
    let command = try #require(
      Hint("do it", command: ["pin", "1", "--reason", word]).command(for: HintReader(store: word)))
    let run = try Program.run(["sh", "-c", "releases() { printf '%s\\n' \"$@\"; }\n" + command])
    #expect(run.lines == ["--store", word, "pin", "1", "--reason", word])
  }
}

@Suite struct NoticeTests {
  @Test func `a notice without a hint is its message`() {
    let notice: Notice = "the clock is behind"
    #expect(notice.line(for: HintReader(store: "/x")) == "the clock is behind")
  }

  @Test func `one line has the message and the hint`() {
    let notice = Notice("the journal is corrupt", hint: Hint("see", command: ["check"]))
    #expect(notice.line(for: .local) == "the journal is corrupt; see: releases check")
    #expect(
      notice.line(for: HintReader(store: "/x"))
        == "the journal is corrupt; see: releases --store /x check")
  }

  @Test func `an error becomes a notice with its cause and hint`() {
    let hint = Hint("see", command: ["check"])
    let error = ReleasesError(.failed, "can't read the history", hint: hint, cause: "I/O error")
    #expect(error.line == "can't read the history: I/O error")
    #expect(Notice(error) == Notice("can't read the history: I/O error", hint: hint))
    #expect(ReleasesError(.failed, "can't read the history").line == "can't read the history")
  }
}
