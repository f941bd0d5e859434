import CommandLineKit
import Testing

private func usageError(_ arguments: [String]) -> UsageError? {
  do throws(UsageError) {
    _ = try Parser(.sample).parse(arguments)
    return nil
  } catch {
    return error
  }
}

@Suite struct RejectedCommandLineTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let line: String
    let error: UsageError
    var testDescription: String { line }

    init(
      _ line: String, _ message: String, meant: String? = nil, purpose: String = "see the help",
      next command: String
    ) {
      self.line = line
      error = UsageError(
        message, suggestion: meant, purpose: purpose,
        command: command.split(separator: " ").map(String.init))
    }
  }

  static let commands = [
    Case("", "no command was given", next: "help"),
    Case("-q", "no command was given", next: "help"),
    Case(
      "rolback", "unknown command: rolback", meant: "rollback", purpose: "use", next: "rollback"),
    Case("act x", "unknown command: act", meant: "activate", purpose: "use", next: "activate x"),
    Case(
      "-s /x act y --force", "unknown command: act", meant: "activate", purpose: "use",
      next: "-s /x activate y --force"),
    Case("act", "unknown command: act", meant: "activate", next: "help"),
    Case("ls", "unknown command: ls", meant: "list", purpose: "use", next: "list"),
    Case("LS", "unknown command: LS", meant: "list", purpose: "use", next: "list"),
    Case("back", "unknown command: back", meant: "rollback", purpose: "use", next: "rollback"),
    Case("undo", "unknown command: undo", meant: "rollback or freeze", next: "help"),
    Case("frobnicate --help", "unknown command: frobnicate", next: "help"),
    Case("help frobnicate", "unknown command: frobnicate", next: "help"),
    Case("hid", "unknown command: hid", next: "help"),
  ]

  static let options = [
    Case("list --froce", "unknown option: --froce", next: "help list"),
    Case("activate x --froce", "unknown option: --froce", meant: "--force", next: "help activate"),
    Case("activate x --forc", "unknown option: --forc", meant: "--force", next: "help activate"),
    Case("activate x -qx", "unknown option: -x", next: "help activate"),
    Case("activate x -5", "unknown option: -5", next: "help activate"),
    Case(
      "--force activate x", "--force must be given after its command",
      purpose: "use", next: "activate --force"),
    Case("-n prune", "-n must be given after its command", purpose: "use", next: "prune -n"),
    Case("-n", "-n must be given after its command", purpose: "use", next: "COMMAND -n"),
    Case("list --quiet=yes", "--quiet takes no value", next: "help list"),
    Case("prune --keep 1 --keep=1", "--keep is given more than once", next: "help prune"),
    Case("-s a list -s b", "--store is given more than once", next: "help list"),
    Case(
      "list --json --output json", "--json and --output can't be given together",
      next: "help list"),
    Case("pin a", "pin needs --reason TEXT", next: "help pin"),
  ]

  static let swapped = [
    Case(
      "mark good x --reason y", "mark takes the operand ID first", purpose: "use",
      next: "mark x good --reason y")
  ]

  static let values = [
    Case("list --store", "--store needs a value: --store PATH", next: "help list"),
    Case("list -s", "-s needs a value: --store PATH", next: "help list"),
    Case("list -qs", "-s needs a value: --store PATH", next: "help list"),
    Case("rollback --to --force", "--to needs a value: --to ID", next: "help rollback"),
    Case("rollback --to -- x", "--to needs a value: --to ID", next: "help rollback"),
    Case("list --store=", "--store is empty", next: "help list"),
    Case(
      "list --output jsn", "--output takes text, json or github, not jsn", meant: "json",
      next: "help list"),
    Case("prune --keep 3x", "--keep takes a whole number, not 3x", next: "help prune"),
    Case("prune --keep=-1", "--keep takes a whole number, not -1", next: "help prune"),
    Case("prune --keep +1", "--keep takes a whole number, not +1", next: "help prune"),
    Case(
      "prune --keep 99999999999999999999", "--keep takes a whole number, not 99999999999999999999",
      next: "help prune"),
  ]

  static let operands = [
    Case("activate", "activate needs ID", next: "help activate"),
    Case("activate a b", "too many operands: b", next: "help activate"),
    Case("list a", "list takes no operand: a", next: "help list"),
    Case(
      "rollback 1762061285", "rollback takes no operand: 1762061285",
      purpose: "use", next: "rollback --to 1762061285"),
    Case("freeze a*b", "freeze takes no operand: a*b", purpose: "use", next: "freeze --reason a*b"),
    Case("rollback a --to b", "rollback takes no operand: a", next: "help rollback"),
    Case("mark a --reason b", "mark needs good|bad", next: "help mark"),
    Case(
      "mark a god --reason b", "mark takes good or bad, not god", meant: "good", next: "help mark"),
    Case(
      "completion tcsh", "completion takes bash, zsh or fish, not tcsh", next: "help completion"),
  ]

  @Test(arguments: commands + options + swapped + values + operands)
  func `an error names the mistake and the command to type next`(row: Case) {
    #expect(usageError(row.line.split(separator: " ").map(String.init)) == row.error)
  }

  @Test(arguments: [
    [""], ["activate", ""], ["verify", "a", ""], ["list", "--store", ""], ["list", "-s", ""],
    ["list", "--output="], ["activate", "--", ""], ["--", ""], ["prune", "--keep", ""],
  ])
  func `an empty argument is rejected`(arguments: [String]) throws {
    let error = try #require(usageError(arguments))
    #expect(error.message.hasSuffix("is empty"))
  }
}
