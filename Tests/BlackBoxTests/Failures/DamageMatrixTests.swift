import Foundation
import TestSupport
import Testing

/// Every command on a store with one kind of damage.
@Suite struct DamageMatrixTests {
  /// One kind of damage, and the exit status of each class of commands on it.
  struct Damage: CustomTestStringConvertible, Sendable {
    let name: String
    /// The script that damages the store, run in its directory.
    let script: String
    var read: Int32 = 0
    var status: Int32 = 0
    var history: Int32 = 0
    var verify: Int32 = 0
    var check: Int32 = 0
    var activate: Int32 = 0
    /// The status of rollback, unpack and prune.
    var change: Int32 = 0
    /// The status of remove.
    var remove: Int32 = 0
    /// The status of pin, unpin and mark.
    var annotate: Int32 = 0
    /// The status of freeze, thaw and recover.
    var freezeOrRecover: Int32 = 0
    var initialize: Int32 = 0
    /// The text that every failure has to contain.
    let mentions: String

    var testDescription: String { name }

    static func all(_ name: String, _ script: String, _ status: Int32, mentions: String) -> Damage {
      Damage(
        name: name, script: script, read: status, status: status, history: status, verify: status,
        check: status,
        activate: status, change: status, remove: status, annotate: status, freezeOrRecover: status,
        initialize: status, mentions: mentions)
    }
  }

  static let overwriteByte = "dd bs=1 seek=30 conv=notrunc status=none of="
  static let damages = [
    Damage.all("not a store", "rm -r .releases", 4, mentions: "init"),
    Damage.all("writable by others", "chmod o+w .", 3, mentions: "other users can write to"),
    Damage(
      name: "configuration", script: "echo 'keep: {cuont: 3}' > releases.yaml", status: 7,
      verify: 3, check: 3, activate: 3, change: 3, mentions: "releases.yaml:1:8"),
    Damage(
      name: "configuration is a directory", script: "rm releases.yaml; mkdir releases.yaml",
      status: 7, verify: 3,
      check: 3, activate: 3, change: 3, mentions: "releases.yaml"),
    Damage(
      name: "journal", script: "head -c 8192 /dev/zero > .releases/lock", status: 7,
      mentions: "journal"),
    Damage(
      name: "catalog", script: "printf x | \(overwriteByte).releases/catalog/1.json", status: 7,
      verify: 7,
      check: 3, activate: 1, annotate: 1, mentions: "is corrupt"),
    Damage(
      name: "catalog entry is a link",
      script: "cd .releases/catalog; rm 1.json; ln -s 2.json 1.json", status: 7, verify: 7,
      check: 3,
      activate: 1, annotate: 1, mentions: "is corrupt"),
    Damage(
      name: "manifest", script: "printf x | \(overwriteByte).releases/manifests/1.mtree", verify: 7,
      check: 3, activate: 3, mentions: ".releases/manifests/1.mtree"),
    Damage(
      name: "manifest is a directory",
      script: "cd .releases/manifests; rm 1.mtree; mkdir 1.mtree", verify: 7, check: 3,
      activate: 3, mentions: ".releases/manifests/1.mtree"),
    Damage(
      name: "history", script: "printf x | \(overwriteByte).releases/history.jsonl", mentions: ""),
    Damage(
      name: "history is a directory", script: "cd .releases; rm history.jsonl; mkdir history.jsonl",
      history: 1, check: 1, activate: 1, change: 1, remove: 1, annotate: 1, freezeOrRecover: 1,
      initialize: 1, mentions: ".releases/history.jsonl"),
  ]

  private func commands(
    _ store: TestStore, _ damage: Damage
  ) throws -> [(arguments: [String], status: Int32)] {
    let archive = try store.archive(["VERSION": "4"])
    let reason = ["--reason", "x"]
    return [
      (["list"], damage.read), (["status"], damage.status), (["show", "1"], damage.read),
      (["history"], damage.history), (["verify", "--all"], damage.verify),
      (["check"], damage.check), (["activate", "1"], damage.activate),
      (["rollback"], damage.change),
      (["unpack", archive], damage.change), (["prune"], damage.change),
      (["remove", "1"], damage.remove), (["pin", "1"] + reason, damage.annotate),
      (["unpin", "1"], damage.annotate), (["mark", "1", "bad"] + reason, damage.annotate),
      (["freeze"] + reason, damage.freezeOrRecover), (["thaw"], damage.freezeOrRecover),
      (["recover"], damage.freezeOrRecover), (["init"], damage.initialize),
    ]
  }

  @Test(arguments: damages)
  func `every command names the damage and changes nothing`(_ damage: Damage) throws {
    let whole = try TestStore()
    try whole.publishAndActivate(["1", "2", "3"])
    for (arguments, status) in try commands(whole, damage) {
      // `init` is the command that repairs this damage.
      if arguments == ["init"] && damage.initialize == 4 { continue }
      let store = try whole.copy()
      try Program.expect(["sh", "-ec", "cd \"$0\"; \(damage.script)", store.path])
      let before = ignoringStagingTimes(try store.fileSystemState())
      let run = try store.run(["--json"] + arguments)
      let comment: Comment = "\(arguments): \(run)"
      #expect(run.status == status, comment)
      #expect(run.lines.count == 1, comment)
      let output = run.output.replacing("\\/", with: "/")
      if status == 0 {
        #expect(!run.errors.contains("error:"), comment)
      } else {
        #expect(ignoringStagingTimes(try store.fileSystemState()) == before, comment)
        #expect(output.contains(damage.mentions), comment)
        // `verify` and `status` print a result rather than an error.
        if status != 7 { #expect(output.contains("\"hint\":\""), comment) }
      }
      // The service has a release to run after every command.
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
    try store.publishAndActivate(["1", "2"])
    let before = try store.fileSystemState()
    let run = try store.run(arguments)
    let isName = arguments == ["activate", "../1"]
    #expect(run.status == (isName ? 4 : 2), "\(arguments): \(run)")
    #expect(run.output == "" && run.errors.contains("hint:"), "\(arguments): \(run)")
    #expect(try store.fileSystemState() == before)
  }
}
