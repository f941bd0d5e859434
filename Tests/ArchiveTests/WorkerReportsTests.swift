import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

/// What the parent of the unpack worker accepts from it.
@Suite struct WorkerReportsTests {
  private static let start = WorkerMessage.sandboxed(Sandbox.State())
  private static let end = WorkerMessage.finished(warnings: [])

  private static func file(_ path: String, _ size: Int64 = 1) -> WorkerMessage {
    .written(
      .entry(
        TreeEntry(
          path: path, content: .file(size: size, digest: Digest()), permissions: 0o644,
          modified: FileTime(seconds: 0))))
  }

  private static func directory(_ path: String, _ permissions: FileMode = 0o755) -> WorkerMessage {
    .written(
      .entry(
        TreeEntry(
          path: path, content: .directory, permissions: permissions,
          modified: FileTime(seconds: 0))))
  }

  private func reports(
    _ messages: [WorkerMessage], _ change: (inout UnpackOptions) -> Void = { _ in }
  ) -> WorkerReports {
    var options = UnpackOptions()
    change(&options)
    var reports = WorkerReports(options)
    for message in messages { reports.take(message) }
    return reports
  }

  @Test func `a whole tree is taken`() throws {
    let found = reports([
      Self.start, Self.directory("."), Self.file("a", 3),
      .written(.hardLink(path: "b", target: "a")),
      .written(.progress(3)), .written(.progress(3)), Self.end,
    ])
    #expect(found.failure == nil)
    let tree = try #require(found.tree)
    #expect((tree.fileCount, tree.byteCount, tree.entries.count) == (2, 3, 3))
    #expect((found.written, found.entryCount) == (3, 3))
  }

  @Test(
    arguments: [
      ("nothing about the sandbox", [file("a")], "started without a sandbox"),
      ("two sandboxes", [start, start], "entered its sandbox twice"),
      ("more after the end", [start, directory("."), end, file("a")], "continued after its end"),
      ("two ends", [start, directory("."), end, end], "continued after its end"),
      ("a path twice", [start, file("a"), file("a"), end], "reported an inconsistent tree"),
      (
        "a hard link to nothing", [start, .written(.hardLink(path: "a", target: "b")), end],
        "reported an inconsistent tree"
      ),
      (
        "sizes that overflow", [start, file("a", .max), file("b", .max)],
        "reported more than the limits permit"
      ),
      (
        "less than before", [start, .written(.progress(2)), .written(.progress(1))],
        "reported an impossible size"
      ),
      ("a negative size", [start, .written(.progress(.min))], "reported an impossible size"),
      ("a huge size", [start, .written(.progress(.max))], "reported an impossible size"),
      ("a bit", [start, directory("d", 0o2755)], "reported impossible permissions"),
    ] as [(String, [WorkerMessage], String)])
  func `reports that can't be true are refused`(
    name: String, messages: [WorkerMessage], says: String
  ) {
    #expect(reports(messages).failure?.code == .workerEnded(says))
  }

  @Test func `the limits apply to the reports`() {
    let few = reports([Self.start, Self.directory("."), Self.file("a"), Self.file("b")]) {
      $0.limits.entries = 1
    }
    #expect(few.failure?.code == .workerEnded("reported more than the limits permit"))
    let small = reports([Self.start, Self.file("a", 9)]) { $0.limits.bytes = 8 }
    #expect(small.failure?.code == .workerEnded("reported more than the limits permit"))
  }

  @Test func `a required sandbox must be complete`() {
    var state = Sandbox.State()
    #expect(reports([.sandboxed(state)]) { $0.requiresSandbox = true }.failure == nil)
    state.missing = [Sandbox.MissingLayer(.seccomp, reason: "no")]
    #expect(reports([.sandboxed(state)]).failure == nil)
    let refused = reports([.sandboxed(state)]) { $0.requiresSandbox = true }
    #expect(refused.failure?.code == .sandboxIncomplete(state.missing))
    #expect(refused.failure?.message() == "the sandbox lacks seccomp (no)")
  }

  @Test func `warnings are limited and printable`() throws {
    let texts = (0..<1000).map { "\u{1B}[31m\($0)" + String(repeating: "x", count: 2000) }
    let found = reports([Self.start, Self.directory("."), .finished(warnings: texts)])
    let warnings = try #require(found.tree).warnings
    #expect(warnings.count == 100)
    #expect(warnings.allSatisfy { $0.utf8.count < 1100 && $0.hasPrefix("\\u{1b}[31m") })
  }
}

/// Random bytes on the wire from the worker to its parent.
@Suite struct WireTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed =
    environment["RELEASES_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
  /// As long as a twentieth of the time for archives; see `FuzzTests`.
  private static let seconds =
    (environment["RELEASES_FUZZ_MINUTES"].flatMap(Double.init) ?? 1) * 3

  private static let messages: [WorkerMessage] = {
    var state = Sandbox.State()
    state.layers = Sandbox.Layer.allCases
    state.missing = [Sandbox.MissingLayer(.landlock, reason: "none")]
    let entries: [TreeEntry.Content] = [
      .directory, .file(size: 5, digest: Digest()), .symbolicLink(target: "a/b"),
    ]
    let system = SystemError(call: "open", path: "/x", errno: .noSpace)
    return [.sandboxed(Sandbox.State()), .sandboxed(state)]
      + entries.flatMap { content in
        [".", "a", "a/b", "c"].map { path in
          .written(
            .entry(
              TreeEntry(
                path: path, content: content, permissions: 0o755,
                modified: FileTime(seconds: 1, nanoseconds: 2))))
        }
      } + [
        .written(.hardLink(path: "d", target: "a")), .written(.hardLink(path: "a", target: "d")),
        .written(.progress(7)), .finished(warnings: ["w"]), .finished(warnings: []),
        .failed(ArchiveError(.truncated)), .failed(ArchiveError(.rejected(.tooDeep), member: "m")),
        .failed(ArchiveError(.system(system))), .failed(ArchiveError(.unreadable("u"))),
      ]
  }()

  /// Numbers at which arithmetic fails.
  private static let numbers: [Int64] = [
    .min, .min + 1, -1, 0, 1, 8, 255, 1 << 20, (1 << 20) + 1, 1 << 31, 1 << 32, .max - 1, .max,
  ]

  /// Makes a stream of messages, some of which are changed.
  private func stream(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = Bool.random(using: &random) ? Self.messages[0].encoded() : []
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      bytes += Self.messages.randomElement(using: &random)?.encoded() ?? []
    }
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1:
        // Numbers have eight bytes, most of them at multiples of eight.
        let start = place / 8 * 8
        let number = Self.numbers.randomElement(using: &random) ?? 0
        withUnsafeBytes(of: number.littleEndian) {
          for (index, byte) in $0.enumerated() where start + index < bytes.count {
            bytes[start + index] = byte
          }
        }
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 8))
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 16)], at: place)
      }
      if bytes.isEmpty { return [0] }
    }
    return bytes
  }

  @Test func `the parent survives random and changed messages`() {
    var random = SeededGenerator(seed: Self.seed)
    print("fuzzing the wire: RELEASES_SEED=\(Self.seed)")
    let end = Clock.monotonicSeconds() + Self.seconds
    var options = UnpackOptions()
    (options.limits.entries, options.limits.bytes) = (8, 1 << 20)
    var (streams, messages, trees) = (0, 0, 0)
    while Clock.monotonicSeconds() < end {
      streams += 1
      var (decoder, reports) = (MessageDecoder(), WorkerReports(options))
      decoder.add(stream(&random))
      while reports.failure == nil, case .message(let message)? = decoder.next() {
        messages += 1
        reports.take(message)
      }
      guard reports.failure == nil, let tree = reports.tree else { continue }
      trees += 1
      #expect(tree.byteCount >= 0 && tree.byteCount <= options.limits.bytes)
      #expect(tree.entries.isStrictlySorted && tree.entries.count <= options.limits.entries + 1)
      #expect(tree.entries.allSatisfy { $0.path == "." || MemberName.isNormal($0.path) })
      #expect(reports.written >= 0 && reports.written <= options.limits.bytes)
    }
    print("fuzzed the wire: \(streams) streams, \(messages) messages, \(trees) trees")
    #expect(trees > 0)
  }
}
