import Foundation
import Testing

/// Every command, on a store with one thing wrong.
@Suite struct FailureMatrixTests {
  /// What each class of commands ends with.
  struct Trouble: CustomTestStringConvertible, Sendable {
    let name: String
    /// What does it, in the store's directory.
    let script: String
    var look: Int32 = 0
    var status: Int32 = 0
    var history: Int32 = 0
    var verify: Int32 = 0
    var check: Int32 = 0
    var activate: Int32 = 0
    /// Rollback, unpack and prune.
    var change: Int32 = 0
    /// Remove.
    var remove: Int32 = 0
    /// Pin, unpin and mark.
    var annotate: Int32 = 0
    /// Freeze, thaw and recover.
    var settle: Int32 = 0
    var initialize: Int32 = 0
    /// What every failure has to name.
    let names: String

    var testDescription: String { name }

    static func all(_ name: String, _ script: String, _ status: Int32, names: String) -> Trouble {
      Trouble(
        name: name, script: script, look: status, status: status, history: status, verify: status,
        check: status,
        activate: status, change: status, remove: status, annotate: status, settle: status,
        initialize: status, names: names)
    }
  }

  static let damage = "dd bs=1 seek=30 conv=notrunc status=none of="
  static let troubles = [
    Trouble.all("not a store", "rm -r .releases", 4, names: "init"),
    Trouble.all("writable by others", "chmod o+w .", 3, names: "can be written by others"),
    Trouble(
      name: "configuration", script: "echo 'keep: {cuont: 3}' > releases.yaml", status: 7,
      verify: 3, check: 3, activate: 3, change: 3, names: "releases.yaml:1:8"),
    Trouble(
      name: "configuration is a directory", script: "mkdir releases.yaml", status: 7, verify: 3,
      check: 3, activate: 3, change: 3, names: "releases.yaml"),
    Trouble(
      name: "journal", script: "head -c 8192 /dev/zero > .releases/lock", status: 7,
      names: "journal"),
    Trouble(
      name: "catalog", script: "printf x | \(damage).releases/catalog/1.json", status: 7, verify: 7,
      check: 3, activate: 1, annotate: 1, names: "is damaged"),
    Trouble(
      name: "catalog entry is a link",
      script: "cd .releases/catalog; rm 1.json; ln -s 2.json 1.json", status: 7, verify: 7,
      check: 3,
      activate: 1, annotate: 1, names: "is damaged"),
    Trouble(
      name: "manifest", script: "printf x | \(damage).releases/manifests/1.mtree", verify: 7,
      check: 3, activate: 3, names: ".releases/manifests/1.mtree"),
    Trouble(
      name: "manifest is a directory",
      script: "cd .releases/manifests; rm 1.mtree; mkdir 1.mtree", verify: 7, check: 3,
      activate: 3, names: ".releases/manifests/1.mtree"),
    Trouble(name: "history", script: "printf x | \(damage).releases/history.jsonl", names: ""),
    Trouble(
      name: "history is a directory", script: "cd .releases; rm history.jsonl; mkdir history.jsonl",
      history: 1, check: 1, activate: 1, change: 1, remove: 1, annotate: 1, settle: 1,
      initialize: 1, names: ".releases/history.jsonl"),
  ]

  private func commands(
    _ store: TestStore, _ trouble: Trouble
  ) throws -> [(arguments: [String], status: Int32)] {
    let archive = try store.archive(["VERSION": "4"])
    let reason = ["--reason", "x"]
    return [
      (["list"], trouble.look), (["status"], trouble.status), (["show", "1"], trouble.look),
      (["history"], trouble.history), (["verify", "--all"], trouble.verify),
      (["check"], trouble.check), (["activate", "1"], trouble.activate),
      (["rollback"], trouble.change),
      (["unpack", archive], trouble.change), (["prune"], trouble.change),
      (["remove", "1"], trouble.remove), (["pin", "1"] + reason, trouble.annotate),
      (["unpin", "1"], trouble.annotate), (["mark", "1", "bad"] + reason, trouble.annotate),
      (["freeze"] + reason, trouble.settle), (["thaw"], trouble.settle),
      (["recover"], trouble.settle), (["init"], trouble.initialize),
    ]
  }

  @Test(arguments: troubles)
  func `every command names the damage and changes nothing`(_ trouble: Trouble) throws {
    let whole = try TestStore()
    try whole.activate(["1", "2", "3"])
    for (arguments, status) in try commands(whole, trouble) {
      // `init` is what makes a store of what is none.
      if arguments == ["init"] && trouble.initialize == 4 { continue }
      let store = try whole.copy()
      try Program.expect(["sh", "-ec", "cd \"$0\"; \(trouble.script)", store.path])
      let before = withoutStagingTimes(try store.facts())
      let run = try store.run(["--json"] + arguments)
      let comment: Comment = "\(arguments): \(run)"
      #expect(run.status == status, comment)
      #expect(run.lines.count == 1, comment)
      let told = run.output.replacing("\\/", with: "/")
      if status == 0 {
        #expect(!run.errors.contains("error:"), comment)
      } else {
        #expect(withoutStagingTimes(try store.facts()) == before, comment)
        #expect(told.contains(trouble.names), comment)
        // `verify` and `status` have a result rather than an error.
        if status != 7 { #expect(told.contains("\"hint\":\""), comment) }
      }
      // Whatever was asked, the service has a version to run.
      #expect(store.exists("current/VERSION"), comment)
    }
  }

  @Test(arguments: [
    ["nonsense"], ["list", "--nonsense"], ["list", "operand"], ["activate"],
    ["activate", "1", "2"],
    ["activate", "../1"], ["prune", "--keep", "0"], ["prune", "--keep", "many"],
    ["prune", "--keep-within", "soon"], ["rollback", "--wait"], ["rollback", "--wait", "-1s"],
    ["pin", "1"], ["mark", "1", "so-so", "--reason", "x"], ["freeze"], ["unpack"],
    ["unpack", "-", "--id", "../x"], ["unpack", "-", "--size", "big"],
    ["unpack", "-", "--sha256", "short"], ["list", "--output", "xml"], ["help", "nonsense"], [],
  ])
  func `an invalid command line is refused and changes nothing`(_ arguments: [String]) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let before = try store.facts()
    let run = try store.run(arguments)
    let isName = arguments == ["activate", "../1"]
    #expect(run.status == (isName ? 4 : 2), "\(arguments): \(run)")
    #expect(run.output == "" && run.errors.contains("hint:"), "\(arguments): \(run)")
    #expect(try store.facts() == before)
  }
}
