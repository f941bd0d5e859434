import Foundation
import Testing

/// What a monitor reads, held against the format and against the store.
@Suite struct MetricsTests {
  /// Values by name and labels; fails for anything that is not the text format 0.0.4.
  private func metrics(_ store: TestStore) throws -> [String: Double] {
    let text = try store.expectDone(["metrics"]).output
    #expect(text.hasSuffix("\n"))
    var values: [String: Double] = [:]
    var kinds: [Substring: Substring] = [:]
    var helped: Set<Substring> = []
    let sample =
      /([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)/
    for line in text.split(separator: "\n") {
      if let help = line.wholeMatch(of: /# HELP ([a-z_]+) \S.*/)?.output {
        #expect(helped.insert(help.1).inserted, "\(line) is said once")
      } else if let type = line.wholeMatch(of: /# TYPE ([a-z_]+) (gauge|counter)/)?.output {
        #expect(helped.contains(type.1) && kinds[type.1] == nil)
        #expect((type.2 == "counter") == type.1.hasSuffix("_total"), "\(line)")
        kinds[type.1] = type.2
      } else {
        let (_, name, labels, value) = try #require(line.wholeMatch(of: sample)?.output, "\(line)")
        #expect(kinds[name] != nil && name.hasPrefix("releases_"), "\(line)")
        let label = "{store=\"\(store.path)\""
        #expect(labels?.hasPrefix(label) == true, "\(line) says of which store it is")
        let others = labels?.dropFirst(label.count + 1).dropLast() ?? ""
        let key = others.isEmpty ? "\(name)" : "\(name){\(others)}"
        #expect(values[key] == nil, "\(line) is said once")
        let number: Double = try #require(Double(String(value)), "\(line)")
        values[key] = number
      }
    }
    return values
  }

  @Test func `a new store has no live release`() throws {
    let values = try metrics(try TestStore())
    #expect(
      values["releases_live"] == 0 && values["releases_live_created_timestamp_seconds"] == nil)
    #expect(values["releases_stored{state=\"ready\"}"] == 0)
    #expect(values["releases_journal_readable"] == 1)
  }

  @Test func `transactions are counted by operation and outcome`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.expectDone(["pin", "1", "--reason", "x"])
    try store.expectDone(["rollback"])
    try store.expectDone(["freeze", "--reason", "x"])
    let values = try metrics(store)
    #expect(values["releases_live_info{release=\"1\",ref=\"\"}"] == 1)
    #expect(values["releases_stored{state=\"ready\"}"] == 1)
    #expect(values["releases_stored{state=\"bad\"}"] == 1)
    #expect(values["releases_transactions_total{operation=\"activate\",outcome=\"done\"}"] == 2)
    #expect(values["releases_last_transaction_success{operation=\"rollback\"}"] == 1)
    #expect(values["releases_pinned"] == 1 && values["releases_frozen"] == 1)
    #expect(values["releases_rollback_available"] == 0 && values["releases_problems"] == 0)
    let when = try #require(values["releases_live_activated_timestamp_seconds"])
    #expect(abs(Date().timeIntervalSince1970 - when) < 60)
  }

  @Test func `drift, interruption and a lost journal are reported`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    #expect(try metrics(store)["releases_drift"] == 0)
    try store.makeLink("current", to: "releases/1")
    #expect(try metrics(store)["releases_drift"] == 1)
    try store.expectDone(["recover"])
    let killed = try store.run(
      ["activate", "2"],
      launcher: [
        "strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat", "-e",
        "inject=renameat:signal=KILL:when=2",
      ])
    #expect(killed.status == 137)
    let values = try metrics(store)
    #expect(values["releases_interrupted"] == 1 && values["releases_running"] == 0)
    #expect(values["releases_problems"] == 1)
    try store.write(".releases/lock", "")
    #expect(try metrics(store)["releases_journal_readable"] == 0)
  }

  @Test func `a hostile text is escaped in its label`() throws {
    let store = try TestStore()
    let archive = try store.archive(["f": "1"])
    try store.expectDone(["deploy", archive, "--id", "1", "--ref", "a\"b\\c\n} 7\nx 1"])
    #expect(
      try metrics(store)["releases_live_info{release=\"1\",ref=\"a\\\"b\\\\c\\n} 7\\nx 1\"}"] == 1)
  }

  // MARK: - For the textfile collector

  @Test func `the textfile replaces the old one and leaves other files`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data("other 1\n".utf8).write(to: URL(fileURLWithPath: "\(place)/other.prom"))
    // Left by a writer that was killed two hours ago, and what another one writes now.
    for (name, age) in [(".a.prom.0123abcd", 7_200.0), (".a.prom.4567abcd", 0)] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: "\(place)/\(name)")
    }
    try Program.expect(["touch", "-d", "2 hours ago", "\(place)/.a.prom.0123abcd"])
    let variables = ["RELEASES_TEXTFILE_DIRECTORY": place]
    let run = try store.run(["metrics", "--textfile", "a.prom"], environment: variables)
    #expect(run.status == 0 && run.output == "" && run.errors == "")
    #expect(try names(place) == [".a.prom.4567abcd", "a.prom", "other.prom"])
    let written = try String(contentsOfFile: "\(place)/a.prom", encoding: .utf8)
    #expect(written.contains("releases_live{store=\"\(store.path)\"} 0\n"))
    let mode = try FileManager.default.attributesOfItem(atPath: "\(place)/a.prom")
    #expect(mode[.posixPermissions] as? Int == 0o644, "node_exporter is another user")
    #expect(try store.run(["metrics", "--textfile", "\(place)/b.prom"]).status == 0)
    #expect(try names(place) == [".a.prom.4567abcd", "a.prom", "b.prom", "other.prom"])
  }

  @Test func `a lock that another user holds on the directory delays nothing`() throws {
    let store = try TestStore()
    let file = "\(store.directory)/a.prom"
    let run = try Program.run(
      ["flock", store.directory, Releases.binary, "-s", store.path, "metrics", "--textfile", file])
    #expect(run.status == 0, "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test func `the textfile of the first version is removed`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let old = URL(fileURLWithPath: "\(place)/releases.prom")
    let sample = "# TYPE releases_build_info gauge\nreleases_build_info{version=\"0.1.0\"} 1\n"
    try Data(sample.utf8).write(to: old)
    try store.expectDone(["metrics", "--textfile", "\(place)/a.prom"])
    #expect(try names(place) == ["a.prom"])
    try Data("somebody_else 1\n".utf8).write(to: old)
    try store.expectDone(["metrics", "--textfile", "\(place)/a.prom"])
    #expect(try names(place) == ["a.prom", "releases.prom"])
  }

  @Test func `a store that cannot be read leaves the textfile as it is`() throws {
    let store = try TestStore(initialized: false)
    let file = "\(store.directory)/a.prom"
    try Data("old 1\n".utf8).write(to: URL(fileURLWithPath: file))
    let run = try store.run(["metrics", "--textfile", file])
    #expect(run.status == 4 && run.errors.contains("there is no store at \(store.path)"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "old 1\n")
  }

  @Test(arguments: [("a.txt", Int32(2)), (".a.prom", 2), ("/nowhere/a.prom", 1)])
  func `an unsuitable path is refused`(name: String, status: Int32) throws {
    #expect(try TestStore().run(["metrics", "--textfile", name]).status == status)
  }

  @Test func `the error lists the candidates when no directory exists`() throws {
    let run = try TestStore().run(
      ["metrics", "--textfile", "a.prom"],
      environment: ["RELEASES_TEXTFILE_DIRECTORY": "/nowhere/at/all"])
    #expect(run.status == 1)
    #expect(run.errors.contains("there is no directory of the textfile collector: /nowhere/at/all"))
    #expect(run.errors.contains("hint: install -d /nowhere/at/all"))
  }

  /// Root reads as the owner of the store, and writes as the owner of the directory.
  @Test(.enabled(if: getuid() == 0)) func `root writes as the owner of the directory`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for (path, owner) in [(store.path, "1234:1234"), (place, "4321:4321")] {
      try Program.expect(["chown", "-R", owner, path])
    }
    try Program.expect(["chmod", "755", store.directory])
    try store.expectDone(["metrics", "--textfile", "\(place)/a.prom"])
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(place)/a.prom")
    #expect(attributes[.ownerAccountID] as? Int == 4321)
  }

  private func names(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }
}
