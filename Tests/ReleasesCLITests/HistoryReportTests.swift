import Foundation
import ModelTestSupport
import ReleaseModel
import Testing

@testable import ReleasesCLI

@Suite struct HistoryReportTests {
  @Test func `the document has the keys that scripts read`() throws {
    let report = HistoryReport(store: "/x", entries: [.sample(outcome: .done)], corruptLines: [3])
    let data = Data(try json(report).utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["schema", "store", "entries", "damagedLines"])
    #expect(object["damagedLines"] as? [Int] == [3])
    let entries = try #require(object["entries"] as? [[String: Any]])
    #expect(entries.map { $0["asked"] as? String } == ["releases activate 2"])
  }
}
