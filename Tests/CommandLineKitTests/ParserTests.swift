import ReleaseStore
import Testing

@testable import ReleasesCLI

/// Reads a command line as a shell would that knows neither quotes nor expansion.
private func parse(_ line: String) throws(ReleasesError) -> Invocation {
  try Parser().parse(line.split(separator: " ").map(String.init))
}

private func complaint(about arguments: [String]) -> ReleasesError? {
  do throws(ReleasesError) {
    _ = try Parser().parse(arguments)
    return nil
  } catch {
    return error
  }
}

@Suite struct AcceptedCommandLines {
  @Test(arguments: [
    "--store /x --dry-run", "--store=/x --dry-run", "-s /x -n", "-s/x -n", "-ns /x", "-ns/x",
    "-nqs/x", "-n --store=/x --quiet",
  ])
  func optionsInEverySpelling(options: String) throws {
    for line in ["activate \(options) 17", "activate 17 \(options)"] {
      let invocation = try parse(line)
      #expect(invocation.command.name == "activate")
      #expect(invocation.operands == ["17"])
      #expect(invocation.value(.store) == "/x")
      #expect(invocation.flag(.dryRun))
      #expect(!invocation.flag(.force))
    }
  }

  @Test(arguments: ["-s /x -q list", "list -s /x -q", "-qs/x list", "-q list --store=/x"])
  func globalOptionsOnEitherSide(line: String) throws {
    let invocation = try parse(line)
    #expect(invocation.command.name == "list")
    #expect(invocation.value(.store) == "/x")
    #expect(invocation.flag(.quiet))
  }

  @Test(arguments: [
    ("unpack -", ["-"]), ("unpack -- -x", ["-x"]), ("unpack -- --", ["--"]), ("-- unpack x", ["x"]),
    ("verify", []), ("verify a b c", ["a", "b", "c"]), ("mark a bad --reason=-", ["a", "bad"]),
    ("help", []), ("help mark", ["mark"]), ("unpack - -n", ["-"]), ("unpack -- -n", ["-n"]),
  ])
  func operands(line: String, expected: [String]) throws {
    #expect(try parse(line).operands == expected)
  }

  @Test(arguments: [
    ("--ref=-x", "-x"), ("--ref=--force", "--force"), ("--ref=a=b", "a=b"), ("--ref -", "-"),
    ("--ref --=", nil),
  ])
  func valuesThatLookLikeOptions(option: String, expected: String?) {
    #expect((try? parse("unpack x \(option)"))?.value(.ref) == expected)
  }

  @Test func numbers() throws {
    let invocation = try parse("prune --keep 3")
    #expect(invocation.number(.keep) == 3)
    #expect(invocation.number(.limit) == nil)
  }

  @Test(arguments: [
    ("list", OutputFormat.text), ("list --json", .json), ("--output json list", .json),
    ("list --output=github", .github), ("list --output text", .text),
  ])
  func formats(line: String, expected: OutputFormat) throws {
    #expect(try parse(line).format == expected)
  }

  @Test func flagsMayBeRepeated() throws {
    #expect(try parse("-qq list --quiet").flag(.quiet))
  }

  @Test func repeatableOptionsKeepTheirOrder() throws {
    var command = Command.list
    command.options = [Option(.ref, Value("REF"), repeatable: true, help: "a reference")]
    let parser = Parser(commands: [command], globalOptions: [])
    let invocation = try parser.parse(["list", "--ref", "a", "--ref=b"])
    #expect(invocation.values(.ref) == ["a", "b"])
  }

  @Test(arguments: [
    ("--help", []), ("-h", []), ("activate --help", ["activate"]), ("-h activate", ["activate"]),
    ("activate --bogus --help", ["activate"]), ("pin -h", ["pin"]),
    ("activate a b c -qh", ["activate"]),
    ("--help --version", []), ("list --output bogus -h", ["list"]),
  ])
  func helpWinsOverEverything(line: String, about: [String]) throws {
    let invocation = try parse(line)
    #expect(invocation.command.name == "help")
    #expect(invocation.operands == about)
  }

  @Test(arguments: ["--version", "-V", "activate --version", "-qV"])
  func version(line: String) throws {
    #expect(try parse(line).command.name == "version")
  }

  @Test func helpAfterTheEndOfOptionsIsAnOperand() throws {
    #expect(try parse("activate -- --help").operands == ["--help"])
  }
}

@Suite struct RefusedCommandLines {
  @Test(arguments: [
    ("", "no command was given", "see: releases help"),
    ("-q", "no command was given", "see: releases help"),
    ("rolback", "unknown command: rolback", "did you mean rollback? see: releases help"),
    ("act x", "unknown command: act", "did you mean activate? see: releases help"),
    ("frobnicate --help", "unknown command: frobnicate", "see: releases help"),
    ("help frobnicate", "unknown command: frobnicate", "see: releases help"),
    ("list --froce", "unknown option: --froce", "see: releases help list"),
    (
      "activate x --froce", "unknown option: --froce",
      "did you mean --force? see: releases help activate"
    ),
    (
      "activate x --forc", "unknown option: --forc",
      "did you mean --force? see: releases help activate"
    ),
    ("activate x -qx", "unknown option: -x", "see: releases help activate"),
    ("activate x -5", "unknown option: -5", "see: releases help activate"),
    (
      "--force activate x", "--force comes before the command it belongs to",
      "type: releases activate --force"
    ),
    ("-n prune", "-n comes before the command it belongs to", "type: releases prune -n"),
    ("-n", "-n comes before the command it belongs to", "type: releases COMMAND -n"),
    ("list --store", "--store needs a value: --store PATH", "see: releases help list"),
    ("list -s", "-s needs a value: --store PATH", "see: releases help list"),
    ("list -qs", "-s needs a value: --store PATH", "see: releases help list"),
    (
      "rollback --to --force", "--to needs a value: --to ID", "see: releases help rollback"
    ),
    ("rollback --to -- x", "--to needs a value: --to ID", "see: releases help rollback"),
    ("list --store=", "--store is empty", "see: releases help list"),
    ("list --quiet=yes", "--quiet takes no value", "see: releases help list"),
    (
      "prune --keep 1 --keep=1", "--keep is given more than once", "see: releases help prune"
    ),
    ("-s a list -s b", "--store is given more than once", "see: releases help list"),
    (
      "list --json --output json", "--json and --output can't be given together",
      "see: releases help list"
    ),
    (
      "list --output jsn", "--output takes text, json or github, not jsn",
      "did you mean json? see: releases help list"
    ),
    ("prune --keep 3x", "--keep takes a whole number, not 3x", "see: releases help prune"),
    ("prune --keep=-1", "--keep takes a whole number, not -1", "see: releases help prune"),
    ("prune --keep +1", "--keep takes a whole number, not +1", "see: releases help prune"),
    (
      "prune --keep 99999999999999999999",
      "--keep takes a whole number, not 99999999999999999999", "see: releases help prune"
    ),
    ("activate", "activate needs ID", "see: releases help activate"),
    ("activate a b", "one operand too many: b", "see: releases help activate"),
    ("list a", "list takes no operand: a", "see: releases help list"),
    (
      "rollback 1762061285", "rollback takes no operand: 1762061285",
      "type: releases rollback --to 1762061285"
    ),
    ("freeze a*b", "freeze takes no operand: a*b", "type: releases freeze --reason 'a*b'"),
    ("rollback a --to b", "rollback takes no operand: a", "see: releases help rollback"),
    ("pin a", "pin needs --reason TEXT", "see: releases help pin"),
    ("mark a --reason b", "mark needs good|bad", "see: releases help mark"),
    (
      "mark a god --reason b", "mark takes good or bad, not god",
      "did you mean good? see: releases help mark"
    ),
    ("completion tcsh", "completion takes bash, zsh or fish, not tcsh", nil),
  ])
  func saysWhatIsWrongAndWhereToLook(line: String, message: String, hint: String?) throws {
    let error = try #require(complaint(about: line.split(separator: " ").map(String.init)))
    #expect(error.code == .usage)
    #expect(error.message == message)
    if let hint { #expect(error.hint == hint) }
  }

  @Test(arguments: [
    [""], ["activate", ""], ["verify", "a", ""], ["list", "--store", ""], ["list", "-s", ""],
    ["list", "--output="], ["activate", "--", ""], ["--", ""], ["prune", "--keep", ""],
  ])
  func emptyText(arguments: [String]) throws {
    let error = try #require(complaint(about: arguments))
    #expect(error.code == .usage)
    #expect(error.message.hasSuffix("is empty"))
  }
}
