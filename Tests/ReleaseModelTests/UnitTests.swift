import ReleaseModel
import Testing

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("17B", 17), ("007", 7),
      ("2K", 2048), ("2KiB", 2048), ("3M", 3 << 20), ("3MiB", 3 << 20),
      ("8G", 8 << 30), ("8GiB", 8 << 30), ("1T", 1 << 40), ("1TiB", 1 << 40),
      ("5kB", 5_000), ("5KB", 5_000), ("500MB", 500_000_000), ("1GB", 1_000_000_000),
      ("2TB", 2_000_000_000_000), ("9223372036854775807", Int64.max), ("8388607T", 8_388_607 << 40),
    ] as [(String, Int64)])
  func `a size is parsed`(text: String, bytes: Int64) {
    #expect(ByteSize(parsing: text)?.bytes == bytes)
  }

  @Test(arguments: [
    "", "B", "GiB", "-1", "+1", "1.5G", "2 GiB", " 2GiB", "2GiB ", "2gib", "2g", "2Gi", "2EiB",
    "1e3", "0x10", "9223372036854775808", "8388608T", "99999999999999999999", "２GiB", "2G\u{301}",
  ])
  func `text that is not a size is not parsed`(text: String) {
    #expect(ByteSize(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (2 << 30, "2.0 GiB"),
      ((1 << 20) - 1, "1.0 MiB"), ((1 << 30) - (1 << 20), "1023.0 MiB"), (500_000_000, "476.8 MiB"),
      (5 << 40, "5.0 TiB"), (Int64.max, "8388608.0 TiB"),
    ] as [(Int64, String)])
  func `a size is described with one decimal`(bytes: Int64, text: String) {
    #expect(ByteSize(bytes: bytes).description == text)
  }
}

@Suite struct TimeSpanTests {
  @Test(
    arguments: [
      ("0", 0), ("0s", 0), ("0d", 0), ("60s", 60), ("10m", 600), ("36h", 129_600), ("7d", 604_800),
      ("2w", 1_209_600), ("1h30m", 5_400), ("1w2d3h4m5s", 788_645), ("1d1s", 86_401),
      ("90m", 5_400), ("365250d", 31_557_600_000),
    ] as [(String, Int64)])
  func `a duration is parsed`(text: String, seconds: Int64) {
    #expect(TimeSpan(parsing: text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "7", "00", "d", "7D", "7 d", " 7d", "7d ", "-7d", "1.5h", "30m1h", "1h1h", "1h30", "5y",
    "365251d", "365250d1s", "99999999999999999999s", "9223372036854775807w", "７d", "7d\u{301}",
  ])
  func `text that is not a duration is not parsed`(text: String) {
    #expect(TimeSpan(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (0, "0s"), (59, "59s"), (60, "1m"), (90, "1m30s"), (5_400, "1h30m"), (129_600, "1d12h"),
      (604_800, "7d"), (1_209_600, "14d"), (86_401, "1d1s"),
    ] as [(Int64, String)])
  func `a duration is described and parsed again`(seconds: Int64, text: String) {
    let span = TimeSpan(seconds: seconds)
    #expect(span.description == text)
    #expect(TimeSpan(parsing: text) == span)
  }
}
