import CommandLineKit
import Testing

/// Splits a line at spaces and parses it.
private func request(_ line: String) throws(UsageError) -> Request {
  try Parser(.sample).parse(line.split(separator: " ").map(String.init))
}

private func parse(_ line: String) throws -> Invocation {
  let request = try request(line)
  guard case .run(let invocation) = request else {
    throw UsageError("this asks for information: \(line)", command: [])
  }
  return invocation
}

@Suite struct AcceptedCommandLineTests {
  @Test(arguments: [
    "--store /x --dry-run", "--store=/x --dry-run", "-s /x -n", "-s/x -n", "-ns /x", "-ns/x",
    "-nqs/x", "-n --store=/x --quiet",
  ])
  func `options are read in every spelling before and after operands`(options: String) throws {
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
  func `global options are read on both sides of the command`(line: String) throws {
    let invocation = try parse(line)
    #expect(invocation.command.name == "list")
    #expect(invocation.value(.store) == "/x")
    #expect(invocation.flag(.quiet))
    #expect(invocation.optionNames == [.store, .quiet])
  }

  @Test(arguments: [
    ("unpack -", ["-"]), ("unpack -- -x", ["-x"]), ("unpack -- --", ["--"]), ("-- unpack x", ["x"]),
    ("verify", []), ("verify a b c", ["a", "b", "c"]), ("mark a bad --reason=-", ["a", "bad"]),
    ("help", []), ("help mark", ["mark"]), ("unpack - -n", ["-"]), ("unpack -- -n", ["-n"]),
  ])
  func `operands are distinguished from options`(line: String, expected: [String]) throws {
    #expect(try parse(line).operands == expected)
  }

  @Test(arguments: [
    ("--ref=-x", "-x"), ("--ref=--force", "--force"), ("--ref=a=b", "a=b"), ("--ref -", "-"),
    ("--ref --=", nil),
  ])
  func `a value that begins with a hyphen must be attached`(option: String, expected: String?) {
    #expect((try? parse("unpack x \(option)"))?.value(.ref) == expected)
  }

  @Test func `a number is read, and is nil if it is not given`() throws {
    let invocation = try parse("prune --keep 3")
    #expect(invocation.number(.keep) == 3)
    #expect(invocation.number(.limit) == nil)
  }

  @Test func `a flag may be repeated`() throws {
    #expect(try parse("-qq list --quiet").flag(.quiet))
  }

  @Test func `the values of a repeatable option keep their order`() throws {
    let option = Option(.ref, Value("REF"), repeatable: true, help: "a reference")
    let program = ProgramDeclaration.program(
      commands: [ProgramDeclaration.command("list", options: [option])])
    let request = try Parser(program).parse(["list", "--ref", "a", "--ref=b"])
    guard case .run(let invocation) = request else {
      Issue.record("\(request)")
      return
    }
    #expect(invocation.values(.ref) == ["a", "b"])
  }

  @Test(arguments: [
    ("--help", nil), ("-h", nil), ("activate --help", "activate"), ("-h activate", "activate"),
    ("activate --bogus --help", "activate"), ("pin -h", "pin"), ("activate a b c -qh", "activate"),
    ("--help --version", nil), ("list --output bogus -h", "list"),
  ])
  func `a request for help takes precedence over every error`(line: String, about: String?) throws {
    let request = try request(line)
    guard case .help(let command, _) = request else {
      Issue.record("\(request)")
      return
    }
    #expect(command?.name == about)
  }

  @Test(arguments: ["--version", "-V", "activate --version", "-qV"])
  func `a request for the version takes precedence over the command`(line: String) throws {
    let request = try request(line)
    guard case .version = request else {
      Issue.record("\(request)")
      return
    }
  }

  @Test func `a request for information keeps the other options`() throws {
    guard case .help(_, let given) = try request("-q --help --output json") else {
      Issue.record("help was not requested")
      return
    }
    #expect(given[.quiet] == [] && given[.output] == ["json"])
  }

  @Test func `help after the end of the options is an operand`() throws {
    #expect(try parse("activate -- --help").operands == ["--help"])
  }
}
