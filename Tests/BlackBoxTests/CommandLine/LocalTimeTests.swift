import Foundation
import TestSupport
import Testing

@Suite struct LocalTimeTests {
  @Test(arguments: [("CST-8", "+08:00"), ("NST3:30", "-03:30"), ("UTC0", "Z"), ("", "Z")])
  func `people get times in their time zone, and scripts in UTC`(zone: String, ending: String)
    throws
  {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    let environment = ["TZ": zone]
    let json = try #require(try store.history().last?["started"] as? String)
    #expect(json.hasSuffix("Z"))
    let formatter = ISO8601DateFormatter()
    let history = try store.run(["history"], environment: environment).output
    let line = try #require(history.split(separator: "\n").last)
    let time = String(line.prefix { $0 != " " })
    #expect(time.hasSuffix(ending), "\(line)")
    // The same moment, however it is written; a transaction takes less than five seconds.
    let difference = try #require(formatter.date(from: time)).timeIntervalSince(
      try #require(formatter.date(from: json)))
    #expect(abs(difference) < 5)
    let show = try store.run(["show", "1"], environment: environment).output
    #expect(show.contains("\(ending), ") && show.contains("\(ending): x"), "\(show)")
    #expect(try store.run(["history", "--json"], environment: environment).output.contains(json))
  }
}
