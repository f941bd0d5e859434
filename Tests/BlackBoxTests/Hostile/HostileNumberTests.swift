import Foundation
import TestSupport
import Testing

/// Numbers in options, in the configuration and in the files of a store never end the program, however
/// large they are.
@Suite struct HostileNumberTests {
  private static let isComplete =
    ProcessInfo.processInfo.environment["RELEASES_HOSTILE_NUMBERS"] == "all"

  @Test(arguments: HostileNumber.options.indices)
  func `an option with any number is refused or works`(_ index: Int) throws {
    let (command, values) = HostileNumber.options[index]
    let hostile = try HostileStore(HostileStore.template.get())
    for value in values {
      expectAnswer(try hostile.run(command + [value]), "\(command) \(value)")
    }
  }

  @Test(arguments: HostileNumber.keys.indices)
  func `a key with any number is refused or works`(_ index: Int) throws {
    let (configuration, values) = HostileNumber.keys[index]
    let commands = [
      ["check"], ["status"], ["unpack", "ARCHIVE"], ["activate", "2"], ["rollback"],
      ["prune", "--dry-run"], ["deploy", "ARCHIVE"], ["metrics"], ["restart"],
    ]
    let hostile = try HostileStore(HostileStore.template.get())
    for (number, value) in values.enumerated() {
      let text = configuration.replacing("VALUE", with: value.isEmpty ? "''" : value)
      try hostile.store.write("releases.yaml", "\(text)\n")
      for (place, command) in commands.enumerated()
      where Self.isComplete || place == 0 || place == (number + index) % commands.count {
        let measured = try hostile.run(command)
        expectAnswer(measured, "\(text): \(command)")
        // A key that is refused is named.
        if command == ["check"], measured.run.status != 0 {
          #expect(measured.run.output.contains("releases.yaml"), "\(text): \(measured.run)")
        }
      }
    }
  }

  /// A record: a name for its store, and the file.
  private static let records = [
    ("done", ".releases/lock"), ("done", ".releases/history.jsonl"),
    ("done", ".releases/catalog/2.json"), ("done", ".releases/catalog/3.json"),
    ("done", ".releases/attempts/r3.json"), ("unconfirmed", ".releases/lock"),
    ("unconfirmed", ".releases/confirmation.json"), ("unconfirmed", ".releases/abort.json"),
    ("frozen", ".releases/freeze.json"), ("rotated", ".releases/history.json"),
  ]

  @Test(arguments: records.indices)
  func `a record with any number or time is reported or works`(_ index: Int) throws {
    let (name, file) = Self.records[index]
    let template = try store(name)
    let text = try template.read(file)
    let member = /"([A-Za-z]+)":(-?[0-9]+|"[0-9]{4}-[^"]*Z")/
    // The last line is the one that counts.
    let line = try #require(text.split(separator: "\n").last { $0.contains("{") })
    var number = 0
    for match in line.matches(of: member) {
      let isTime = match.output.2.hasPrefix("\"")
      for value in isTime ? HostileNumber.timesInRecords : HostileNumber.inRecords {
        let changed = line.replacingCharacters(
          in: match.range, with: "\"\(match.output.1)\":\(value)")
        for (place, command) in HostileStore.commands.enumerated()
        where Self.isComplete || (number + place) % HostileStore.commands.count == 0 {
          let hostile = try HostileStore(template)
          try hostile.store.write(file, text.replacing(line, with: changed))
          try hostile.store.reseal(file) { $0 }
          expectAnswer(
            try hostile.run(command), "\(name) \(file) \(match.output.1)=\(value) \(command)")
        }
        number += 1
      }
    }
    #expect(number >= 5, "\(file) has numbers")
  }

  @Test(arguments: ["mode", "size", "time", "sha256digest"])
  func `a manifest with any number is reported or works`(_ keyword: String) throws {
    let template = try store("done")
    let file = ".releases/manifests/2.mtree"
    let text = try template.read(file)
    let member = try #require(text.matches(of: try Regex("\(keyword)=[^ \n]+")).last)
    let values =
      HostileNumber.inManifests + (keyword == "time" ? ["1.9999999999", "-1.5", "9e9.0"] : [])
    for (number, value) in values.enumerated() {
      let changed = text.replacingCharacters(in: member.range, with: "\(keyword)=\(value)")
      for (place, command) in Self.readersOfManifests.enumerated()
      where Self.isComplete || place < 2 || (number + place) % Self.readersOfManifests.count == 0 {
        let hostile = try HostileStore(template)
        try hostile.store.write(file, changed)
        // The catalog has the digest of the manifest.
        let sum = try Program.expect(["sha256sum"], input: Data(changed.utf8)).output.prefix(64)
        try hostile.store.reseal(".releases/catalog/2.json") {
          $0.replacing(#/"manifestDigest":"[^"]*"/#, with: "\"manifestDigest\":\"\(sum)\"")
        }
        let measured = try hostile.run(command)
        expectAnswer(measured, "\(keyword)=\(value) \(command)")
        #expect(!measured.run.output.contains("damaged") || command[0] != "show", "\(measured.run)")
      }
    }
  }

  /// What compares a release with its manifest, and what shares its files.
  private static let readersOfManifests = [
    ["verify", "2"], ["activate", "2"], ["activate", "2", "--verify"], ["rollback"],
    ["status"], ["list"], ["check"], ["show", "2"], ["deploy", "ARCHIVE", "--id", "5"],
    ["unpack", "ARCHIVE", "--id", "5"], ["diagnose", "--timeout", "2s"], ["init"],
  ]

  private func store(_ name: String) throws -> TestStore {
    let store = try HostileStore(HostileStore.template.get()).store
    switch name {
    case "unconfirmed":
      try store.write("releases.yaml", "health: {command: 'kill -9 $PPID; false'}\n")
      _ = try store.run(["activate", "4"])
      try store.write("releases.yaml", "health: {command: 'true'}\n")
      let time = "2026-01-01T00:00:00Z"
      try store.write(
        ".releases/abort.json",
        #"{"asked":"\#(time)","format":1,"reason":"x","sequence":9,"user":"t","sha256":"x"}"#)
      try store.reseal(".releases/abort.json") { $0 }
    case "frozen": try store.expectSuccess(["freeze", "--reason", "x"])
    case "rotated":
      let lines = try store.read(".releases/history.jsonl")
      let last = try #require(lines.split(separator: "\n").last)
      let sequence = try #require(last.firstMatch(of: /"sequence":([0-9]+)/)).output.1
      let digits = String(repeating: "0", count: 20 - sequence.count) + sequence
      try store.write(".releases/history-\(digits).jsonl", lines)
      try store.write(".releases/history.jsonl", "\(last)\n")
      try store.expectSuccess(["pin", "2", "--reason", "x"])
    default: break
    }
    if User.isRoot { try store.give("", to: ForeignUser.owner) }
    return store
  }

  private func expectAnswer(_ measured: HostileStore.Measured, _ what: String) {
    let run = measured.run
    let comment: Comment = "\(what): \(run.status), \(run.errors.suffix(1000))"
    #expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11].contains(run.status), comment)
    #expect(measured.seconds < HostileStore.timeLimit, "\(measured.seconds) s: \(comment)")
    DocumentValidation.expectValid(run.output, of: measured.arguments)
    if run.status != 0, run.status != 7, !measured.arguments.contains("check") {
      #expect(run.errors.contains("error: "), comment)
    }
  }
}
