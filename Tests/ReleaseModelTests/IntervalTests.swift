import ReleaseModel
import Testing

@Suite struct IntervalTests {
  @Test(
    arguments: [
      ("1s", 1000), ("0.5s", 500), ("0.25s", 250), ("2.001s", 2001), ("500ms", 500), ("1ms", 1),
      ("1500ms", 1500), ("1m", 60_000), ("1h30m", 5_400_000), ("0", 0), ("0ms", 0), ("00.50s", 500),
    ] as [(String, Int64)])
  func `an interval is parsed`(text: String, milliseconds: Int64) {
    #expect(Interval(parsing: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "5", "0.5", "ms", ".5s", "1.s", "0.5m", "0.0001s", "-1s", "1e3ms", "0.5 s", "1s500ms",
    "1000000000000000ms", "0,5s", "０.5s", "1.5.5s", "5ｍs",
  ])
  func `text that is not an interval is not parsed`(text: String) {
    #expect(Interval(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (1000, "1s"), (90_000, "1m30s"), (500, "500ms"), (1500, "1500ms"), (86_400_000, "1d"),
      (0, "0s"),
    ] as [(Int64, String)])
  func `an interval is described as it can be written`(milliseconds: Int64, text: String) {
    #expect(Interval(milliseconds: milliseconds).description == text)
  }
}
