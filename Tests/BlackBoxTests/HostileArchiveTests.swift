import Foundation
import Testing

/// The whole corpus of hostile archives through the built binary.
@Suite(.enabled(if: WatchedStore.isPossible, WatchedStore.comment)) struct HostileArchiveTests {
  /// Found about the archive as a whole, or where there is no name to tell.
  private static let withoutMember = [
    "damaged", "emptyName", "noMembers", "trailingData", "ratioTooHigh", "tooManyEntries",
    "tooMuchProcessorTime",
  ]

  @Test func `hostile archives are rejected and touch nothing outside the stage`() throws {
    let world = try WatchedStore()
    let store = world.store
    try store.activate(["1", "2"])
    try plantVictims(in: store)
    let corpus = try ArchiveCorpus(in: store.directory)
    #expect(corpus.hostile.count >= 300)
    let before = try everything(in: store)
    try world.watch()
    for archive in corpus.hostile where archive.configuration.isEmpty {
      try expectRejected(archive, by: store)
    }
    #expect(try world.changes(except: [".releases/staging"]) == [])
    #expect(try everything(in: store) == before)
    try store.expectSettled()
  }

  /// The configuration is written for each, so that the store is not the same in between.
  @Test func `archives beyond their limits are rejected`() throws {
    let store = try TestStore()
    for archive in try ArchiveCorpus(in: store.directory).hostile
    where !archive.configuration.isEmpty {
      try store.write("releases.yaml", archive.configuration)
      try expectRejected(archive, by: store)
    }
    #expect(try store.names("releases") == [])
    try store.expectSettled()
  }

  private func expectRejected(_ archive: ArchiveCorpus.Hostile, by store: TestStore) throws {
    let run = try store.run(["--json", "unpack", archive.path])
    let error = try #require(try run.json["error"] as? [String: Any], "\(archive.name): \(run)")
    let message = try #require(error["message"] as? String)
    #expect(run.status == 6 && error["exitStatus"] as? Int == 6, "\(archive.name): \(run)")
    if archive.rule == "damaged" {
      #expect(!message.contains("is rejected ("), "\(archive.name): \(message)")
    } else {
      #expect(message.contains("(\(archive.rule))"), "\(archive.name): \(message)")
    }
    let mayBeNameless =
      Self.withoutMember.contains(archive.rule) || archive.name.contains("sparse-1.0")
    #expect(mayBeNameless || message.contains("member '"), "\(archive.name): \(message)")
    #expect(try store.names(".releases/staging") == [], "\(archive.name)")
  }

  /// Where links of the corpus lead to, each with something to be overwritten.
  private func plantVictims(in store: TestStore) throws {
    for name in ["evil", "a.txt", "f", "x", "l", "hidden"] {
      for folder in ["..", ".", "releases", "releases/1", ".releases/staging"] {
        let path = "\(folder)/\(name)"
        if folder != ".releases/staging" { try store.write(path, "untouched") }
      }
    }
    try Program.expect(
      ["rm", "-f"]
        + ["evil", "a.txt", "f", "x", "l", "hidden"].map {
          "\(store.path)/releases/1/\($0)"
        })
  }

  /// With the time of the last change of each inode, that of the staging directory left out.
  private func everything(in store: TestStore) throws -> String {
    let shape = try Program.expect([
      "find", store.directory, "-path", "*/.releases/staging", "-prune", "-o", "-printf",
      "%P %y %i %m %U:%G %n %s %T@ %C@ %l\n",
    ]).lines.sorted()
    let content = try Program.expect([
      "find", store.path, "-type", "f", "-exec", "sha256sum", "{}", "+",
    ]).lines.sorted()
    return (shape + content).joined(separator: "\n")
  }
}
