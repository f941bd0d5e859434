import Foundation
import Testing

@testable import ReleaseModel

/// Times are written and read without Foundation's calendar, with the same results.
struct RFC3339Tests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"),
    (1_762_147_685, "2025-11-03T05:28:05Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    (-62_167_219_200, "0000-01-01T00:00:00Z"),
  ])
  func `a time is written and read`(seconds: Int, text: String) {
    let date = Date(timeIntervalSince1970: Double(seconds))
    #expect(date.rfc3339 == text)
    #expect(Date(rfc3339: text) == date)
  }

  @Test func `times agree with Foundation's`() {
    var seconds = -5_000_000_000.0
    while seconds < 20_000_000_000 {
      let date = Date(timeIntervalSince1970: seconds)
      let text = date.rfc3339
      #expect(text == date.formatted(.iso8601))
      #expect(Date(rfc3339: text) == date)
      seconds += 7_654_321
    }
  }

  @Test func `a fraction of a second is cut off`() {
    #expect(Date(timeIntervalSince1970: 1.999).rfc3339 == "1970-01-01T00:00:01Z")
    #expect(Date(timeIntervalSince1970: -0.5).rfc3339 == "1969-12-31T23:59:59Z")
  }

  @Test func `a time beyond the format becomes the nearest one in it`() {
    #expect(Date(timeIntervalSince1970: 1e30).rfc3339 == "9999-12-31T23:59:59Z")
    #expect(Date(timeIntervalSince1970: -1e30).rfc3339 == "0000-01-01T00:00:00Z")
  }

  @Test(arguments: [
    "", "2025-11-03", "2025-11-03T05:28:05", "2025-11-03T05:28:05+00:00", "2025-11-03 05:28:05Z",
    "2025-13-03T05:28:05Z", "2025-00-03T05:28:05Z", "2025-02-29T05:28:05Z", "2025-04-31T05:28:05Z",
    "2025-11-00T05:28:05Z", "2025-11-03T24:28:05Z", "2025-11-03T05:60:05Z", "2025-11-03T05:28:61Z",
    "2025-1a-03T05:28:05Z", "2025-11-03T05:28:05z", "+025-11-03T05:28:05Z", "２025-11-03T05:28Z",
  ])
  func `text that is not RFC 3339 in UTC is not parsed`(text: String) {
    #expect(Date(rfc3339: text) == nil)
  }
}
