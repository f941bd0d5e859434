import Foundation
import TestSupport
import Testing

/// A store with thirty thousand transactions, in rotated files or in one as version 0.1 leaves it.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["RELEASES_BINARY"] != nil,
    "times are those of the release build"))
struct LongHistoryTests {
  private static let transactions = 30_000

  /// Appends copies of the last line that have new sequences, and writes the last of them to the
  /// journal too.
  private static let generator = """
    import hashlib, json, os, sys
    control, count, is_rotated = sys.argv[1] + "/.releases/", int(sys.argv[2]), sys.argv[3] == "true"
    path = control + "history.jsonl"
    lines = open(path, "rb").readlines()
    entry = json.loads(lines[-1])
    del entry["sha256"]
    size = sum(map(len, lines))
    for _ in range(count - len(lines)):
        entry["sequence"] += 2
        body = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        seal = hashlib.sha256(body).hexdigest().encode()
        line = body[:-1] + b',"sha256":"' + seal + b'"}\\n'
        lines.append(line)
        size += len(line)
        if is_rotated and size >= 4 << 20:
            with open(control + "history-%020d.jsonl" % entry["sequence"], "wb") as file:
                file.writelines(lines)
            lines, size = [line], len(line)
    with open(path, "wb") as file:
        file.writelines(lines)
    with open(control + "lock", "r+b") as file:
        file.write(lines[-1][:-1].ljust(4095) + b"\\n")
    """

  private func makeStore(isRotated: Bool) throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try Program.expect([
      "python3", "-c", Self.generator, store.path, "\(Self.transactions)", "\(isRotated)",
    ])
    return store
  }

  /// Runs a command and returns its output, its processor time in seconds, and its memory in KiB.
  private func measure(
    _ store: TestStore, _ arguments: [String]
  ) throws -> (run: ProgramRun, seconds: Double, memory: Double) {
    let run = try store.run(arguments, launcher: ["time", "-q", "-f", "%U %S %M"])
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    let numbers = try #require(run.errors.split(separator: "\n").last)
      .split(separator: " ").compactMap { Double($0) }
    try #require(numbers.count == 3, "\(run.errors)")
    return (run, numbers[0] + numbers[1], numbers[2])
  }

  @Test(arguments: [true, false])
  func `no command takes long or much memory for a long history`(isRotated: Bool) throws {
    let store = try makeStore(isRotated: isRotated)
    let unrecorded = "\(store.path)/releases/1700000000"
    try FileManager.default.createDirectory(atPath: unrecorded, withIntermediateDirectories: false)
    for arguments in [
      ["status"], ["list"], ["history"], ["history", "--limit", "10"], ["metrics"], ["check"],
      ["report", "--html", "-"], ["prune", "--dry-run"], ["init"],
      ["pin", "1", "--reason", "x"], ["unpin", "1"],
    ] {
      let measured = try measure(store, arguments)
      #expect(measured.seconds < 0.3, "\(arguments): \(measured.seconds) s")
      #expect(measured.memory < 48 * 1024, "\(arguments): \(measured.memory) KiB")
    }
    // The change has rotated the file of the old version, and counted the rotated ones.
    #expect(try store.read(".releases/history.json").contains(#""entries":"#))
    let all = try measure(store, ["history", "--json"])
    #expect(all.seconds < 0.6, "\(all.seconds) s")
    #expect(all.memory < 48 * 1024, "\(all.memory) KiB")
    let entries = try #require(try all.run.json["entries"] as? [[String: Any]])
    #expect(entries.count >= Self.transactions + 2)
    let newest = try store.expectSuccess(["history", "--json", "--limit", "3"]).json
    #expect(newest["older"] as? Bool == true)
    #expect(
      try #require(newest["entries"] as? [[String: Any]]).map { $0["sequence"] as? Int }
        == entries.prefix(3).map { $0["sequence"] as? Int })
    try store.expectConsistent()
  }

  /// The tally of the rotated files is lost, and is counted again by each reader until the next change.
  @Test func `a lost tally is counted again in little time, and is the same`() throws {
    let store = try makeStore(isRotated: true)
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    let kept = try store.expectSuccess(["metrics"]).output
    // What does not depend on the moment.
    func counts(_ metrics: String) -> [Substring] {
      metrics.split(separator: "\n").filter { $0.contains("transaction") && !$0.contains("age") }
    }
    try store.remove(".releases/history.json")
    #expect(counts(try store.expectSuccess(["metrics"]).output) == counts(kept))
    #expect(!store.exists(".releases/history.json"), "a reader changes nothing")
    // A million transactions take 33 times as long.
    let sum = "cat \"$0\"/.releases/history-*.jsonl | sha256sum"
    let hashing = try Program.run(["time", "-q", "-f", "%U %S", "sh", "-c", sum, store.path])
    let numbers = try #require(hashing.errors.split(separator: "\n").last).split(separator: " ")
      .compactMap { Double($0) }
    let measured = (1...3).compactMap { _ in try? measure(store, ["metrics"]).seconds }.min() ?? 9
    #expect(measured < max(0.03, 3 * numbers.reduce(0, +)), "\(measured) s, hashing \(numbers)")
    try store.flip(".releases/\(try #require(try store.rotatedHistory.first))", at: 5000)
    let check = try store.run(["check"])
    #expect(check.output.contains("1 corrupt line"), "\(check.output)")
  }

  @Test func `a reader that stops early does not wait for the whole history`() throws {
    let store = try makeStore(isRotated: true)
    let run = try Program.run([
      "bash", "-c", "set -o pipefail; \"$0\" --store \"$1\" history --json | head -c 100",
      Releases.binary, store.path,
    ])
    #expect(run.status == 0, "\(run)")
    #expect(run.output.hasPrefix(#"{"entries":[{"after":"#))
    #expect(run.errors == "")
  }
}

extension TestStore {
  /// The names of the rotated files, oldest first.
  fileprivate var rotatedHistory: [String] {
    get throws { try names(".releases").filter { $0.hasPrefix("history-") }.sorted() }
  }
}
