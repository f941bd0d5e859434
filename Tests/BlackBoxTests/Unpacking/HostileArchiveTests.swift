import Foundation
import TestSupport
import Testing

/// The built binary rejects every archive of the hostile corpus.
@Suite(.enabled(if: WatchedStore.isPossible, WatchedStore.comment)) struct HostileArchiveTests {
  /// The rules that concern the whole archive or a member without a name.
  private static let withoutMember = [
    "damaged", "emptyName", "noMembers", "trailingData", "ratioTooHigh", "tooManyEntries",
    "tooMuchProcessorTime",
  ]

  @Test func `hostile archives are rejected and touch nothing outside the stage`() throws {
    let watched = try WatchedStore()
    let store = watched.store
    try store.publishAndActivate(["1", "2"])
    try createLinkTargets(in: store)
    let corpus = try ArchiveCorpus.made()
    #expect(corpus.hostile.count >= 300)
    let before = try completeState(in: store)
    try watched.watch()
    for archive in corpus.hostile where archive.configuration.isEmpty {
      try expectRejected(archive, by: store)
    }
    #expect(try watched.changes(except: [".releases/staging"]) == [])
    #expect(try completeState(in: store) == before)
    try store.expectConsistent()
  }

  /// Each archive needs its own configuration, so this store is not watched.
  @Test func `archives beyond their limits are rejected`() throws {
    let store = try TestStore()
    for archive in try ArchiveCorpus.made().hostile
    where !archive.configuration.isEmpty {
      try store.write("releases.yaml", archive.configuration)
      try expectRejected(archive, by: store)
    }
    #expect(try store.names("releases") == [])
    try store.expectConsistent()
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

  /// Creates files that links of the corpus point to, so that an overwritten one is noticed.
  private func createLinkTargets(in store: TestStore) throws {
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

  /// Returns the state of all files including the times of inode changes, without the staging
  /// directory.
  private func completeState(in store: TestStore) throws -> String {
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
