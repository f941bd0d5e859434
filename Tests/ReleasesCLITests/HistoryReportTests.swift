import Foundation
import ModelTestSupport
import ReleaseModel
import Testing

@testable import ReleasesCLI

@Suite struct HistoryReportTests {
  @Test func `the document has the keys that scripts read beside the entries`() throws {
    let history = History(
      entries: [.sample(outcome: .done)],
      corrupt: CorruptLines([
        HistoryPosition(file: "history-00000000000000000009.jsonl", line: 8),
        HistoryPosition(file: "history.jsonl", line: 3),
      ]))
    let report = HistoryReport(store: "/x", history, hasOlder: true)
    let data = Data(try json(report).utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == ["schema", "store", "damagedLines", "damaged", "damagedCount", "older"])
    #expect(object["older"] as? Bool == true)
    let damaged = try #require(object["damaged"] as? [[String: Any]])
    #expect(damaged.map { $0["line"] as? Int } == [8, 3])
    #expect(object["damagedLines"] as? [Int] == [3])
    #expect(object["damagedCount"] as? Int == 2)
  }
}
