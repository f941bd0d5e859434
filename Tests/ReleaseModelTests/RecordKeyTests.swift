import Foundation
import ModelTestSupport
import ReleaseModel
import Testing
import Text

/// The keys that version 0.1 wrote: other versions and scripts of operators read them.
@Suite struct RecordKeyTests {
  private func keys(_ value: some Encodable) throws -> Set<String> {
    let data = try StoreJSON.encoder().encode(value)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return Set(object.keys)
  }

  @Test func `a journal entry has the keys of the first version`() throws {
    let intent = Intent(
      operation: .mark, id: "2", from: "1", before: .releases("1", nil), after: .releases("2", "1"),
      confirm: true, newState: .bad, reason: "reason", stage: "stage")
    var entry = intent.entry(sequence: 1, .sample)
    entry.mayPrepare = false
    #expect(
      try keys(entry) == [
        "format", "sequence", "phase", "operation", "id", "from", "before", "after", "confirm",
        "verdict", "reason", "stage", "mayPrepare", "bootID", "pid", "processStart", "user",
        "asked", "started",
      ])
    let done = entry.ended(.done, sequence: 2, at: .noon, note: "note")
    #expect(try keys(done).subtracting(keys(entry)) == ["finished", "outcome", "note"])
    #expect(try keys(entry.before) == ["current"] && keys(entry.after) == ["current", "previous"])
    let data = try StoreJSON.encoder().encode(done)
    #expect(try StoreJSON.decoder().decode(JournalEntry.self, from: data) == done)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains(#""verdict":"bad""#))
    #expect(text.contains(#""asked":"releases activate 2""#))
  }

  @Test func `a catalog entry has the keys of the first version`() throws {
    let full = CatalogEntry(
      id: "1", sequence: 1, state: .bad, reason: "reason", badSince: .noon, created: .noon,
      activated: .noon, activation: 2, files: 3, bytes: 4, shared: ["0": 1], ref: "ref",
      pin: Pin(reason: "pin", since: .noon), archiveDigest: "a",
      signer: Signer(identity: "i", keyType: "k", fingerprint: "f", namespace: "n"),
      manifestDigest: "m", adopted: true, stage: "stage")
    #expect(
      try keys(full) == [
        "format", "id", "sequence", "state", "reason", "judged", "created", "activated",
        "activation", "files", "bytes", "shared", "ref", "pin", "archiveDigest", "signer",
        "manifestDigest", "adopted", "stage",
      ])
    let data = try StoreJSON.encoder().encode(full)
    #expect(try StoreJSON.decoder().decode(CatalogEntry.self, from: data) == full)
    #expect(
      try keys(CatalogEntry.sample("1", sequence: 1)) == [
        "format", "id", "sequence", "state", "created", "files", "bytes",
      ], "a member without a value is left out")
    #expect(try keys(full.pin) == ["reason", "since"])
  }

  @Test func `a freeze has the keys of the first version`() throws {
    #expect(
      try keys(Freeze(reason: "r", since: .noon, user: "u")) == ["reason", "since", "user"])
  }
}
