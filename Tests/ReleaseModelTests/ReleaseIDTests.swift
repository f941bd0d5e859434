import Foundation
import ModelTestSupport
import Testing

@testable import ReleaseModel

@Suite struct ReleaseIDTests {
  @Test(arguments: [
    "1", "1762147685", "a", "Z9", "v1.2.3", "2025-11-03_a", "0..", "a-", "con",
    String(repeating: "x", count: 64), "latest1", "Latest",
  ])
  func `a valid ID is accepted`(text: String) { #expect(ReleaseID(text)?.text == text) }

  @Test(arguments: [
    "", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a\n", "a\0", "é", "1\u{301}", "１", "a~",
    "latest", "previous", "current", String(repeating: "x", count: 65),
  ])
  func `an invalid ID is not accepted`(text: String) { #expect(ReleaseID(text) == nil) }

  @Test func `an invalid ID in JSON is a decoding error`() throws {
    let good = try StoreJSON.decoder().decode([ReleaseID].self, from: Data(#"["1"]"#.utf8))
    #expect(good == ["1"])
    for text in ["[\"../1\"]", "[\"\"]", "[1]"] {
      #expect(throws: DecodingError.self, "\(text)") {
        try StoreJSON.decoder().decode([ReleaseID].self, from: Data(text.utf8))
      }
    }
  }

  @Test(
    arguments: [
      ("1762147685", 1_762_147_685), ("999999999", 999_999_999), ("00000000001", 1),
      ("12345678", nil), ("123456789012", nil), ("176214768a", nil),
    ] as [(String, Int64?)])
  func `an ID of nine to eleven digits is a Unix time`(text: String, seconds: Int64?) {
    #expect(ReleaseID(text)?.unixSeconds == seconds)
  }

  @Test(
    arguments: [
      ("first", [], 1_762_147_685, "1762147685"),
      ("clock ahead", ["1762147000"], 1_762_147_685, "1762147685"),
      ("same second", ["1762147685"], 1_762_147_685, "1762147686"),
      ("clock behind", ["1762147685", "1762147690"], 5, "1762147691"),
      ("names that are not times", ["v1", "99", "20251103120000"], 1_762_147_685, "1762147685"),
      ("clock before 1970", [], -5, "1"),
      ("past the last eleven digits", ["99999999999"], 5, "100000000000"),
      ("above eleven digits", ["99999999999", "100000000000"], 5, "100000000001"),
    ] as [(String, Set<ReleaseID>, Int64, ReleaseID)])
  func `the next ID is above all others and the clock`(
    name: String, ids: Set<ReleaseID>, now: Int64, next: ReleaseID
  ) {
    #expect(ReleaseID.next(after: ids, unixSeconds: now) == next)
  }
}
