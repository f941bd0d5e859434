import Foundation
import Linux
import Synchronization
import Testing

@testable import Archive

/// Random archives cause no crash and no long run time, write nothing outside the stage, and leave
/// nothing behind.
///
/// RELEASES_FUZZ_MINUTES is the duration and RELEASES_SEED selects the archives: the archive of a
/// number and a seed is always the same. `make fuzz` runs for an hour.
@Suite struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed =
    environment["RELEASES_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
  private static let seconds =
    (environment["RELEASES_FUZZ_MINUTES"].flatMap(Double.init) ?? 0.1) * 60
  /// The longest time for one archive in a debug build beside other tests, in seconds.
  private static let longest = 10.0

  /// Small archives, some of them compressed.
  private static let corpus: [Fixture] = {
    let isSmall = { (fixture: Fixture) in (1..<30_000).contains(fixture.data.count) }
    let packed = ["plain.tar", "one.tar", "sparse-1.0.tar", "long-pax.tar"].flatMap { name in
      Compressor.allCases.filter { $0 != .none }.compactMap { compressor in
        (try? compressor.compress(try Corpus.benign(name))).map {
          Fixture(name: "\(name).\(compressor)", data: $0)
        }
      }
    }
    // Without repetition, most archives would be hostile before they are changed.
    let fine = Array(repeating: Corpus.all.benign.filter(isSmall) + packed, count: 8)
    return Corpus.all.hostile.filter(isSmall) + fine.flatMap { $0 }
  }()

  /// Runs `body` for the archives of the seed until the time is over.
  private func run(
    _ what: String, salt: UInt64, _ body: (Fixture) throws -> Bool
  ) rethrows {
    print("fuzzing \(what): RELEASES_SEED=\(Self.seed)")
    let current = Mutex<(number: UInt64, since: Double)?>(nil)
    let watch = Watchdog { current.withLock { $0 } }
    defer { watch.stop() }
    let end = Clock.monotonicSeconds() + Self.seconds
    var (count, accepted): (UInt64, UInt64) = (0, 0)
    while Clock.monotonicSeconds() < end {
      var mutator = Mutator(Self.corpus, state: (Self.seed &* 2 &+ salt) << 32 &+ count)
      let archive = mutator.archive()
      let start = Clock.monotonicSeconds()
      current.withLock { $0 = (count, start) }
      let isAccepted = try body(archive)
      // Try again, since the machine may have been busy.
      if Clock.monotonicSeconds() - start > Self.longest {
        let again = Clock.monotonicSeconds()
        _ = try body(archive)
        let seconds = Clock.monotonicSeconds() - again
        if seconds > Self.longest { record("took \(seconds) s", archive, count) }
      }
      accepted += isAccepted ? 1 : 0
      count += 1
    }
    print("fuzzed \(what): \(count) archives, \(accepted) of them accepted")
  }

  private func record(_ what: String, _ archive: Fixture, _ number: UInt64) {
    Issue.record("seed \(Self.seed), number \(number): \(what)\n\(inBase64(archive))")
  }

  private func inBase64(_ archive: Fixture) -> String {
    "\(archive.name): \(archive.data.base64EncodedString())"
  }

  /// This is fast, and a debug build checks most.
  @Test func `the unpacker survives random and mutated archives`() throws {
    var options = UnpackOptions()
    (options.limits.bytes, options.limits.entries) = (16 << 20, 2000)
    try run("in this process", salt: 0) { archive in
      let stage = try TestStage()
      let code = failure { _ = try stage.unpack(archive.data, options) }
      // The rules accept nothing that the writer can't write.
      if case .system(let error) = code {
        Issue.record("\(error)\n\(inBase64(archive))")
      }
      try stage.expectNothingElseTouched("\(inBase64(archive))")
      return code == nil
    }
  }

  /// This includes the worker, its sandbox and the store.
  @Test(.enabled(if: FuzzTests.environment["RELEASES_BINARY"] != nil, "needs the built binary"))
  func `the binary survives random and mutated archives`() throws {
    let store = try FuzzedStore(Self.environment["RELEASES_BINARY"] ?? "")
    let untouched = try store.surroundings()
    try run("the binary", salt: 1) { archive in
      let (status, errors) = try store.unpack(archive.data)
      #expect(status == 0 || status == 6, "\(status): \(errors)\n\(inBase64(archive))")
      #expect(try store.leftovers() == [], "\(inBase64(archive))")
      let found = try store.surroundings()
      #expect(found == untouched, "\(inBase64(archive))")
      return status == 0
    }
    #expect(try store.run(["verify", "--all"]).status == 0)
  }
}

/// Ends the process with a message when an archive takes more than a minute.
private final class Watchdog: Sendable {
  private let isOver = Mutex(false)

  init(_ current: @escaping @Sendable () -> (number: UInt64, since: Double)?) {
    let thread = Foundation.Thread { [weak self] in
      while let self, !self.isOver.withLock({ $0 }) {
        if let (number, since) = current(), Clock.monotonicSeconds() - since > 60 {
          fatalError("archive number \(number) takes more than a minute")
        }
        usleep(100_000)
      }
    }
    thread.start()
  }

  func stop() { isOver.withLock { $0 = true } }
}
