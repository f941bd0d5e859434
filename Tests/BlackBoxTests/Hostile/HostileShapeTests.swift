import Foundation
import TestSupport
import Testing

/// Every command on stores in which one file or directory is huge, a pipe, a device, a link, or
/// something else that this program did not write.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["RELEASES_BINARY"] != nil,
    "times are those of the release build"))
struct HostileShapeTests {
  /// Whether every command runs on every shape of every file; otherwise a share of the pairs.
  private static let isComplete =
    ProcessInfo.processInfo.environment["RELEASES_HOSTILE_SHAPES"] == "all"
  /// The statuses that releases(1) lists.
  private static let statuses: Set<Int32> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]
  /// In KiB.
  private static let mostMemory = 100.0 * 1024

  @Test(arguments: HostileStore.places)
  func `every command answers in time, and what fails names the file and changes nothing`(
    _ place: String
  ) throws {
    let template = try HostileStore.template.get()
    let shapes = HostileShape.possible
    let row = try #require(HostileStore.places.firstIndex(of: place))
    for (column, command) in HostileStore.commands.enumerated() {
      for (number, shape) in shapes.enumerated()
      where Self.isComplete || column % 3 == row % 3 && (row / 3 + column) % shapes.count == number
      {
        try expectAnswer(to: command, place, shape, template)
      }
    }
  }

  /// What is read from outside of the store, in place of FILE, and who makes what the other file is.
  private static let inputs: [[String]] = [
    ["unpack", "FILE", "--id", "5"], ["deploy", "FILE", "--id", "5"],
    ["deploy", "FILE", "--id", "5", "--dry-run"],
    ["unpack", "ARCHIVE", "--id", "5", "--signature", "FILE"],
    ["deploy", "ARCHIVE", "--id", "5", "--signature", "FILE"],
    ["unpack", "ARCHIVE", "--id", "5", "--signature", "FILE", "--dry-run"],
  ]

  @Test(arguments: inputs)
  func `an archive or a signature of any shape is rejected in time`(_ command: [String]) throws {
    let template = try HostileStore.template.get()
    // The writer of a pipe with a signature has a minute to come.
    let shapes = HostileShape.possible.filter {
      command[1] == "FILE" || ![.pipe, .linkToPipe].contains($0)
    }
    for shape in shapes {
      let hostile = try HostileStore(template)
      let store = hostile.store
      let input = "\(store.directory)/input"
      try Program.expect(["cp", "\(template.directory)/next.tar.gz", input])
      try shape.make(at: input, beside: store.directory)
      let configuration = try store.read("releases.yaml")
      try store.write("releases.yaml", configuration + "unpack: {max-stall: 1s}\n")
      let before = try hostile.state()
      let measured = try hostile.run(command.map { $0 == "FILE" ? input : $0 })
      let run = measured.run
      let comment: Comment =
        "\(shape) \(command): \(run.status), \(measured.seconds) s, \(run.errors.suffix(2000))"
      // Root reads what no other user can read, and the archive before a hole is whole.
      let isReadable = [.unreadable, .grownSparse, .grownBelowLimit].contains(shape)
      // A dry run reads the beginning of a file alone, and nothing of a pipe or a device.
      let mayWork = (isReadable || command.contains("--dry-run")) && command[1] == "FILE"
      #expect([1, 2, 3, 6, 8].contains(run.status) || mayWork && run.status == 0, comment)
      #expect(measured.seconds < HostileStore.timeLimit, comment)
      #expect(measured.memory < Self.mostMemory, comment)
      DocumentValidation.expectValid(run.output, of: measured.arguments)
      if run.status == 0 { continue }
      #expect(run.errors.contains("error: ") && run.errors.contains("hint: "), comment)
      let after = try hostile.state()
      let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
      #expect(changed.isEmpty, "\(changed): \(comment)")
    }
  }

  @Test func `the commands are all of the command table`() throws {
    let names = try DocumentValidation.schemas.get().documents.keys.filter { $0 != "common" }
    #expect(Set(names).subtracting(HostileStore.commands.map { $0[0] }).isEmpty)
  }

  /// A command records what it found changed by hand, and a change that failed, and it removes what
  /// earlier commands have left. It closes the trash to other users.
  private static let mayChange = [
    "previous", ".releases/lock", ".releases/history.jsonl", ".releases/confirmation.json",
    ".releases/abort.json", ".releases/staging/", ".releases/trash",
    ".releases/.history.jsonl.0123abcd", ".releases/catalog/.2.json.0123abcd",
  ]

  /// The status of each command on a store that is whole.
  private static let usual = Result {
    let template = try HostileStore.template.get()
    return try HostileStore.commands.map { try HostileStore(template).run($0).run.status }
  }

  private func expectAnswer(
    to command: [String], _ place: String, _ shape: HostileShape, _ template: TestStore
  ) throws {
    let hostile = try HostileStore(template)
    let store = hostile.store
    let target = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "\(store.path)/\(place)")
    try shape.make(at: "\(store.path)/\(place)", beside: store.directory)
    let before = try hostile.state()
    let measured = try hostile.run(command)
    let run = measured.run
    let comment: Comment =
      "\(shape) \(place) \(command): \(run.status), \(run.errors.suffix(2000))"
    #expect(Self.statuses.contains(run.status), comment)
    #expect(measured.seconds < HostileStore.timeLimit, "\(measured.seconds) s: \(comment)")
    #expect(measured.memory < Self.mostMemory, "\(measured.memory) KiB: \(comment)")
    DocumentValidation.expectValid(run.output, of: measured.arguments)
    // `status`, `verify` and `check` report findings.
    let isFailure = run.status != 0 && run.status != 7 && command != ["check"]
    guard isFailure else { return }
    #expect(run.errors.contains("error: "), comment)
    #expect(run.errors.contains("hint: "), comment)
    let after = try hostile.state()
    let changed = Set(before.keys).union(after.keys).filter { name in
      before[name] != after[name] && !Self.mayChange.contains { name.hasPrefix($0) }
    }
    #expect(changed.isEmpty, "\(changed): \(comment)")
    let index = try #require(HostileStore.commands.firstIndex(of: command))
    // An empty directory is what a directory may be.
    if run.status != (try Self.usual.get()[index]), shape != .directory {
      let name = String(try #require(place.split(separator: "/").last))
      // A shape that applies to the target of a link concerns the release.
      let releases = [name, target ?? name].compactMap {
        $0.split(separator: "/").last?.split(separator: ".").first.map { "release \($0)" }
      }
      let names = place.split(separator: "/").map(String.init) + releases
      #expect(names.contains { run.errors.contains($0) }, comment)
    }
  }
}
