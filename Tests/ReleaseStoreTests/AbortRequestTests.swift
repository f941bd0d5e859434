import Foundation
import ModelTestSupport
import ReleaseModel
import ReleaseStore
import StoreTestSupport
import Testing
import Text

@Suite struct AbortRequestTests {
  private func request(sequence: UInt64) -> AbortRequest {
    AbortRequest(sequence: sequence, user: "ann", reason: "wrong one", requested: .noon)
  }

  @Test func `a request has the keys of the first version`() throws {
    let data = try StoreJSON.encoder().encode(request(sequence: 7))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["format", "sequence", "user", "reason", "asked"])
    #expect(object["asked"] as? String == "2025-11-03T12:00:00Z")
  }

  @Test func `a request is for one switch only`() throws {
    let scratch = try ScratchStore()
    let file = scratch.store.abortFile
    let entry = JournalEntry.sample(.activate, .intent, sequence: 7, confirm: true)
    #expect(file.request(for: entry) == nil)
    try file.write(request(sequence: 6))
    #expect(file.request(for: entry) == nil)
    try file.write(request(sequence: 7))
    let found = try #require(file.request(for: entry))
    #expect(found.user == "ann" && found.reason == "wrong one" && found.requested == .noon)
    file.remove()
    #expect(file.request(for: entry) == nil)
  }
}
