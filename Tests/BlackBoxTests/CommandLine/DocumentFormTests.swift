import Foundation
import TestSupport
import Testing

/// Every form of every command prints one JSON document that follows its schema, in every kind of
/// store, and marks its failure for GitHub Actions.
@Suite struct DocumentFormTests {
  /// Scripts that make the kinds of stores from one in which 2 is live, 1 was live before, and 3 is
  /// ready. The store is `$0`.
  private static let stores: [(name: String, script: String)] = [
    ("in order", ":"),
    (
      "with hooks",
      "echo \"hooks: {activate: {run: 'true'}, prepare: {run: 'false'}}\" > \"$0/releases.yaml\""
    ),
    ("empty", "rm -rf \"$0\"; mkdir \"$0\"; releases -s \"$0\" init -q"),
    ("missing", "rm -rf \"$0\""),
    ("corrupt", "echo x > \"$0/.releases/lock\"; echo x > \"$0/.releases/catalog/1.json\""),
    ("invalid", "echo 'keep: 3' > \"$0/releases.yaml\"; rm \"$0/current\"; mkdir \"$0/current\""),
    ("frozen", "releases -s \"$0\" freeze --reason x -q; rm \"$0/releases/1/VERSION\""),
  ]

  @Test func `the forms have every option of every command`() throws {
    try CommandForms.expectEveryOption()
  }

  @Test(arguments: stores)
  func `every form of every command prints a document that follows its schema`(
    _ kind: (name: String, script: String)
  ) throws {
    let template = try make(kind.script)
    for (number, form) in try CommandForms.all().enumerated() {
      let store = try store(for: form, of: template)
      let format = number.isMultiple(of: 2) ? ["--json"] : ["--output", "json"]
      let arguments = try words(form, store) + format
      let run = try run(arguments, store)
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
      let isStream = form.contains("--watch") && run.status == 124
      #expect(
        isStream || (lines.count == 2 && lines[0].hasPrefix("{") && lines[1].isEmpty),
        "\(kind.name): \(arguments) printed \(run.output.prefix(300)), \(run.errors)")
    }
  }

  @Test(arguments: stores.filter { ["in order", "missing", "invalid"].contains($0.name) })
  func `every failure is an annotation for GitHub Actions`(
    _ kind: (name: String, script: String)
  ) throws {
    let template = try make(kind.script)
    // The gate passes the output of another command on.
    for form in try CommandForms.all() where !form.contains("--watch") && form[0] != "gate" {
      let store = try store(for: form, of: template)
      let arguments = try words(form, store) + ["--output", "github"]
      let run = try run(arguments, store)
      let annotations = run.errors.split(separator: "\n").filter { $0.hasPrefix("::error title=") }
      // What a look at the store has found is a result and not an error.
      let isResult =
        run.status == 0 || run.status == 7 || form[0] == "check"
        || form[0] == "diagnose" && run.status == 4
      #expect(
        annotations.count == (isResult ? 0 : 1),
        "\(kind.name): \(arguments) ended with \(run.status) and \(run.errors)")
      #expect(!run.errors.contains("releases: error:"), "\(arguments)")
    }
  }

  @Test(arguments: [
    "activate 1 --json", "nonsense --json", "list --json; id", "list \"--json\" $(id)",
    "list --output=json --store /x", "list --json 'a",
  ])
  func `a request that the gate refuses prints a document`(request: String) throws {
    let store = try TestStore()
    let run = try store.run(
      ["gate", "--allow", "monitor"], environment: ["SSH_ORIGINAL_COMMAND": request])
    #expect(run.status == 3)
    #expect(run.lines.count == 1)
    let error = try run.error
    #expect(error["code"] as? String == "notAllowed")
    DocumentValidation.expectValid(
      try ParsedJSON(Data(run.output.utf8)), ofCommand: "gate", run.output)
    #expect(!run.errors.contains("--store \(store.path)"), "the gate refuses that option")
  }

  // MARK: -

  private func make(_ script: String) throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    let made = try Program.run(
      ["sh", "-ec", script, store.path], environment: ["PATH": "\(tools):/usr/bin:/bin"])
    try #require(made.status == 0, "\(made.errors)")
    return store
  }

  /// Commands that change nothing in a store.
  private static let looking: Set = [
    "list", "show", "status", "history", "logs", "verify", "check", "report", "diagnose", "wait",
    "help", "completion", "version", "generate",
  ]

  /// Returns a store for one run: a copy if the command may change it.
  private func store(for form: [String], of template: TestStore) throws -> TestStore {
    if Self.looking.contains(form[0]) || form.contains("--dry-run") { return template }
    if FileManager.default.fileExists(atPath: template.path) { return try template.copy() }
    return try TestStore(initialized: false)
  }

  private func words(_ form: [String], _ store: TestStore) throws -> [String] {
    let archive = "\(store.directory)/a.tar.gz"
    if form.contains("ARCHIVE"), !FileManager.default.fileExists(atPath: archive) {
      try Program.shell(
        "cd '\(store.directory)'; mkdir t; echo x > t/VERSION; tar -czf a.tar.gz -C t .")
    }
    let name = form[0] == "version" ? "--version" : form[0]
    return [name]
      + form.dropFirst().map {
        $0.replacing("ARCHIVE", with: archive)
          .replacing("DIR", with: "\(store.directory)/\(UUID().uuidString)")
      }
  }

  private func run(_ arguments: [String], _ store: TestStore) throws -> Releases.Run {
    let launcher = arguments.contains("--watch") ? ["timeout", "0.5"] : []
    return try store.run(
      arguments, environment: ["SSH_ORIGINAL_COMMAND": "list --json"], launcher: launcher)
  }
}
