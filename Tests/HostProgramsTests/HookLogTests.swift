import Configuration
import Foundation
import Glibc
import HostPrograms
import Linux
import ModelTestSupport
import Testing

/// The logs of hooks and their limits.
@Suite struct HookLogTests {
  @Test func `a log says what ran and how it ended`() throws {
    let hooks = try HookFixture()
    let report = try hooks.shell("printf 'no newline'; exit 4")
    let path = "\(hooks.logs)/1-prepare.log"
    #expect(report.log == path)
    let lines = try hooks.read(path).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0]
        == "# 2025-11-03T12:00:00Z prepare of release 1 by deploy: printf 'no newline'; exit 4")
    #expect(lines[1] == "no newline")
    #expect(lines[2].hasPrefix("# 2025-11-03T12:00:00Z prepare exited with status 4 after 0."))
    #expect(lines.count == 4 && lines[3].isEmpty)
    #expect(try status(ofPath: path).permissions == 0o640)
  }

  @Test func `a log contains every byte of the output`() throws {
    let hooks = try HookFixture()
    #expect(try hooks.shell(#"printf '\000\377\033[2J'"#).isSuccess)
    let kept = try Descriptor.open("\(hooks.logs)/1-prepare.log").readAll()
    #expect(kept.firstRange(of: [0, 0xFF, 0x1B, 0x5B, 0x32, 0x4A]) != nil)
    #expect(hooks.output == [0, 0xFF, 0x1B, 0x5B, 0x32, 0x4A])
  }

  @Test func `fifty megabytes of output take one megabyte of disk and little memory`() throws {
    let hooks = try HookFixture()
    let path = "\(hooks.logs)/1-prepare.log"
    let call = HookCall(
      .prepare, .init(run: .shell("echo first; seq 1 6500000; echo last")), id: "1", previous: nil,
      ref: nil, event: "prepare")
    let before = try residentBytes()
    let largest = Largest()
    let report = try hooks.run(call) { _ in
      largest.note((try? status(ofPath: path).size) ?? .max)
    }
    #expect(report.isSuccess && report.lastLines.last == "last")
    #expect(largest.value < 1200 << 10)
    #expect(try residentBytes() - before < 32 << 20)
    let lines = try hooks.read(path).split(separator: "\n")
    #expect(lines[1] == "first" && lines[2] == "1")
    #expect(lines[lines.count - 2] == "last" && lines[lines.count - 3] == "6500000")
    let mark = try #require(lines.firstIndex { $0.hasSuffix("bytes are left out here") })
    // Every printed byte is in the log or counted as left out.
    let kept = try status(ofPath: path).size
    let around = [lines[0], lines[mark], lines[lines.count - 1], ""].map { $0.utf8.count + 1 }
    let left = try #require(Int64(lines[mark].split(separator: " ")[1]))
    let total = printedBytes()
    #expect(kept + left - Int64(around.reduce(0, +)) == total)
    // The mark is followed by consecutive complete lines.
    let numbers = lines[(mark + 1)..<(lines.count - 2)].map { Int($0) }
    #expect(
      numbers.first! != nil && zip(numbers, numbers.dropFirst()).allSatisfy { $0! + 1 == $1! })
  }

  private func printedBytes() -> Int64 {
    var total = Int64("first\nlast\n".utf8.count)
    var digits: Int64 = 1
    var low: Int64 = 1
    while low <= 6_500_000 {
      total += (min(low * 10 - 1, 6_500_000) - low + 1) * (digits + 1)
      digits += 1
      low *= 10
    }
    return total
  }

  private func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
      separator: " ")
    return try #require(Int(fields[1])) * 4096
  }

  @Test func `the log of the previous run is retained`() throws {
    let hooks = try HookFixture()
    for number in 1...3 { try hooks.run(.shell("echo run \(number)")) }
    #expect(try hooks.read("\(hooks.logs)/1-prepare.log").contains("\nrun 3\n"))
    #expect(try hooks.read("\(hooks.logs)/1-prepare.log.1").contains("\nrun 2\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: hooks.logs).count == 2)
  }

  @Test func `the logs of removed releases are removed`() throws {
    let hooks = try HookFixture("1", "2", "a-b")
    for name in [
      "3-prepare.log", "3-failed.log.1", "2-activate.log", "a-b-succeeded.log", "3-other.log",
      "notes.txt", "3-prepare.log.2",
    ] { try Data().write(to: URL(fileURLWithPath: "\(hooks.logs)/\(name)")) }
    try hooks.run(.shell("true"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: hooks.logs).sorted() == [
        "1-prepare.log", "2-activate.log", "3-other.log", "3-prepare.log.2", "a-b-succeeded.log",
        "notes.txt",
      ])
  }

  @Test func `at most fifty logs are retained`() throws {
    let hooks = try HookFixture()
    for number in 100..<160 {
      let directory = try Descriptor.openDirectory(hooks.path).openDirectory("releases")
      try directory.makeDirectory("\(number)")
      let log = try Descriptor.open(
        "\(hooks.logs)/\(number)-prepare.log", [.writeOnly, .create])
      try log.setModified(FileTime(seconds: Int64(number)))
    }
    try hooks.run(.shell("true"))
    let kept = try Set(FileManager.default.contentsOfDirectory(atPath: hooks.logs))
    #expect(kept == Set((111..<160).map { "\($0)-prepare.log" } + ["1-prepare.log"]))
  }

  @Test func `a log that cannot be written causes one warning`() throws {
    let hooks = try HookFixture()
    try FileManager.default.removeItem(atPath: hooks.logs)
    let report = try hooks.shell("echo fine")
    #expect(report.isSuccess && report.log == nil && report.lastLines == ["fine"])
    #expect(hooks.warnings.count == 1)
    #expect(hooks.warnings[0].hasPrefix("can't keep the log of the prepare hook: "))
  }

  @Test func `a symbolic link in place of a log is not followed`() throws {
    let hooks = try HookFixture()
    let target = "\(hooks.path)/target"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
    symlink(target, "\(hooks.logs)/1-prepare.log")
    #expect(try hooks.shell("echo x").isSuccess)
    #expect(try hooks.read(target) == "precious")
  }

  private final class Largest: @unchecked Sendable {
    private(set) var value: Int64 = 0
    func note(_ size: Int64) { value = max(value, size) }
  }
}
