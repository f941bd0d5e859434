import Testing

@testable import ReleasesCLI

private let mib: Int64 = 1 << 20

@Suite struct ProgressTextTests {
  private let half = ProgressFacts(
    read: 97 * mib, total: 216 * mib, entries: 1234, elapsed: 8, rate: Double(12 * mib))

  @Test func `a known size is shown as a bar`() {
    #expect(
      progressBar(half, columns: 99)
        == "unpacking  [############----------------]   44%  97.0/216.0 MiB  1234 entries  12.0 MiB/s"
        + "  10s left")
    #expect(
      progressBar(half, columns: 79)
        == "unpacking  [###-----]   44%  97.0/216.0 MiB  1234 entries  12.0 MiB/s  10s left")
    #expect(progressBar(half, columns: 39) == "[##---]   44%  97.0/216.0 MiB  10s left")
    #expect(progressBar(half, columns: 26) == " 44%  97.0/216.0 MiB")
    #expect(progressBar(half, columns: 3) == " 44")
  }

  @Test func `an unknown size is shown as counts`() {
    var facts = half
    facts.total = nil
    #expect(
      progressBar(facts, columns: 79) == "unpacking  97.0 MiB  1234 entries  12.0 MiB/s  8s")
    #expect(progressBar(facts, columns: 39) == "unpacking  97.0 MiB  1234 entries")
    #expect(progressBar(facts, columns: 20) == "unpacking  97.0 MiB")
    facts.total = 0
    #expect(!progressBar(facts, columns: 79).contains("%"))
  }

  @Test func `one hundred percent means that everything was read`() {
    var facts = half
    facts.read = 216 * mib - 1
    #expect(facts.percent == 99)
    facts.read += 1
    #expect(facts.percent == 100)
    #expect(facts.secondsLeft == nil)
    facts.isFlushing = true
    #expect(progressBar(facts, columns: 99).hasPrefix("flushing  [####"))
    #expect(progressBar(facts, columns: 99).contains("]  100%  216.0/216.0 MiB  1234 entries"))
    #expect(!progressBar(facts, columns: 99).contains("/s"))
    // The size that --size announced was too low.
    facts.read += mib
    #expect(facts.percent == 100)
  }

  @Test(arguments: [
    (0, "0s"), (59, "59s"), (60, "1m00s"), (245, "4m05s"), (3599, "59m59s"), (3600, "1h00m"),
    (12_000, "3h20m"),
  ])
  func `durations have at most two units`(seconds: Int64, text: String) {
    #expect(durationText(seconds) == text)
  }

  @Test func `no remaining time is shown when nothing moves`() {
    var facts = half
    facts.rate = 0
    #expect(facts.secondsLeft == nil)
    #expect(progressLine(facts) == "unpacking: 44%, 97.0/216.0 MiB, 1234 entries, 0 B/s")
    facts.rate = 1
    #expect(facts.secondsLeft == nil, "an estimate of four years is not shown")
    facts.rate = Double.infinity
    #expect(facts.secondsLeft == 0)
  }

  @Test func `a log gets whole lines`() {
    #expect(
      progressLine(half)
        == "unpacking: 44%, 97.0/216.0 MiB, 1234 entries, 12.0 MiB/s, 10s left")
    #expect(progressEnd(half) == "unpacked: 97.0 MiB, 1234 entries, in 8s")
    let one = ProgressFacts(read: 1023, total: mib, entries: 1, elapsed: 0.4, rate: 2000)
    #expect(progressLine(one) == "unpacking: 0%, 1023 B/1.0 MiB, 1 entry, 2.0 KiB/s, 8m44s left")
  }

  @Test(arguments: 1...250)
  func `the bar is never wider than the terminal`(columns: Int) {
    for total in [nil, 1, mib, 1_000_000 * mib] {
      for read in [0, 999, 1023 * mib, 999_999 * mib] {
        var facts = ProgressFacts(read: read, total: total, entries: 499_999, elapsed: 360_000)
        for rate in [0, 1, 1e12] {
          facts.rate = rate
          #expect(progressBar(facts, columns: columns).count <= columns)
        }
      }
    }
  }
}

@Suite struct RateMeterTests {
  @Test func `the meter follows a steady rate`() {
    var meter = RateMeter()
    var rate = 0.0
    for tick in 1...100 { rate = meter.rate(Int64(tick * 1000), at: Double(tick) / 10) }
    #expect(abs(rate - 10_000) < 1)
    for tick in 101...200 { rate = meter.rate(100_000, at: Double(tick) / 10) }
    #expect(rate < 1000, "the rate falls quickly when nothing moves")
  }

  @Test func `the meter ignores two readings at the same time`() {
    var meter = RateMeter()
    #expect(meter.rate(1000, at: 1) == 1000)
    #expect(meter.rate(9_000_000, at: 1.0001) == 1000)
  }
}
