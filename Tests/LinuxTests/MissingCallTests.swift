import Foundation
import Glibc
import Testing

@testable import Linux

/// The equivalents of missing calls give the same results, in a separate process without those
/// calls.
@Suite struct MissingCallTests {
  /// Names of Tests/harness/calls/missing_calls.py. Each group but the first makes another source
  /// of the mount ID necessary.
  static let resolution: [[String]] = [
    [], ["openat2"], ["openat2", "statx"], ["openat2", "statx and name_to_handle_at"],
  ]
  static let answers = ["ENOSYS", "EPERM", "EINVAL"]

  @Test(arguments: resolution, answers)
  func `paths beneath a directory are resolved in the same way`(
    _ calls: [String], _ answer: String
  ) throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let found = try Self.probe(
      without: calls, answer, "--open", scratch.path,
      ["..", "/etc/passwd", "to-d/f", "to-f", "absolute/d/f", "d/up/d/f", "d/x", "d/f/x", "d/f"]
        + ["./d/./f", "d//f", "d/", "d/f/", "d/../../x", ""])
    let errors = found.mapValues { Int32($0.split(separator: " ").last ?? "") }
    #expect(errors[".."] == EXDEV)
    #expect(errors["/etc/passwd"] == EXDEV)
    #expect(errors["d/../../x"] == EXDEV)
    for link in ["to-d/f", "to-f", "absolute/d/f", "d/up/d/f"] { #expect(errors[link] == ELOOP) }
    #expect(errors["d/x"] == ENOENT)
    #expect(errors[""] == ENOENT)
    #expect(errors["d/f/x"] == ENOTDIR)
    #expect(errors["d/f/"] == ENOTDIR)
    for path in ["d/f", "./d/./f", "d//f"] { #expect(found[path] == "content") }
    #expect(found["d/"] == "opened")
    // This proves that the call was blocked.
    #expect(found["d/x"]?.hasPrefix(calls.isEmpty ? "openat2" : "openat ") == true)
  }

  @Test(.enabled(if: getuid() == 0), arguments: resolution, answers)
  func `no mount is entered, not even one of the same file system`(
    _ calls: [String], _ answer: String
  ) throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    for name in ["directory", "d/beneath"] { try root.makeDirectory(name) }
    try root.writeFile("file", "mounted over")
    let path = scratch.path
    let found = try Self.probe(
      without: calls, answer, "--open", path,
      ["directory", "directory/f", "file", "d/beneath/f", "d/f"],
      after: [
        "mount --bind \(path)/d \(path)/directory", "mount --bind \(path)/d/f \(path)/file",
        "mount --bind \(path)/d \(path)/d/beneath",
      ])
    for name in ["directory", "directory/f", "file", "d/beneath/f"] {
      #expect(found[name]?.hasSuffix(" \(EXDEV)") == true, "\(name)")
    }
    #expect(found["d/f"] == "content")
  }

  @Test(.enabled(if: getuid() == 0), arguments: resolution, answers)
  func `nothing beneath a mount point is removed`(_ calls: [String], _ answer: String) throws {
    let scratch = try Self.tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("t")
    try root.makeDirectory("t/m")
    try root.makeDirectory("place")
    try root.makeDirectory("plain")
    try root.makeDirectory("plain/x")
    let path = scratch.path
    let found = try Self.probe(
      without: calls, answer, "--change", path, ["t", "plain", "to-d"],
      after: ["mount --bind \(path)/d \(path)/t/m"])
    #expect(found["remove-t"] == "\(EXDEV)")
    #expect(found["remove-plain"] == "0")
    #expect(found["remove-to-d"] == "0")
    #expect(try root.statusIfPresent(of: "plain") == nil)
    #expect(try root.text(of: "d/f") == "content")
  }

  @Test(
    arguments: [
      [], ["renameat2 with flags"], ["open with O_TMPFILE"], ["memfd_create"],
      ["memfd_create", "open with O_TMPFILE"], ["fallocate"], ["close_range"],
      ["renameat2 with flags", "open with O_TMPFILE", "memfd_create", "fallocate", "close_range"],
    ] as [[String]], answers)
  func `changes have the same results`(_ calls: [String], _ answer: String) throws {
    try Self.change(without: calls, answer, after: [])
  }

  @Test(.enabled(if: getuid() == 0), arguments: [["close_range"], []], answers)
  func `a program inherits nothing, even without /proc`(
    _ calls: [String], _ answer: String
  ) throws {
    try Self.change(without: calls, answer, after: ["mount -t tmpfs none /proc"])
  }

  private static func change(
    without calls: [String], _ answer: String, after mounts: [String]
  ) throws {
    let scratch = try tree()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    for name in ["place", "place/empty", "directory", "another"] { try root.makeDirectory(name) }
    try root.writeFile("file", "first")
    try root.writeFile("second", "second")
    try root.makeLink("link", to: "nowhere")
    let found = try probe(
      without: calls, answer, "--change", scratch.path, [], after: mounts)
    let taken = ["move-second", "move-another"]
    let done = ["file", "link", "directory"].map { "move-\($0)" }
    for change in done + ["unnamed", "in-memory", "allocate", "start"] {
      #expect(found[change] == "0", "\(change)")
    }
    for change in taken { #expect(found[change] == "\(EEXIST)", "\(change)") }
    #expect(found.count == 9 + 1, "nothing differs, and the program has printed: \(found)")
    let place = try root.openDirectory("place")
    #expect(
      try place.entries().map(\.name) == ["allocated", "directory", "empty", "file", "link"])
    #expect(try place.text(of: "file") == "first")
    #expect(try root.text(of: "second") == "second")
    #expect(try place.readLink("link") == "nowhere")
  }

  private static func tree() throws -> Scratch {
    let scratch = try Scratch()
    let root = try scratch.root()
    try root.makeDirectory("d")
    try root.writeFile("d/f", "content")
    try root.makeLink("d/up", to: "..")
    try root.makeLink("to-d", to: "d")
    try root.makeLink("to-f", to: "d/f")
    try root.makeLink("absolute", to: scratch.path)
    return scratch
  }

  /// Runs the probe without some calls, after mounts that only it sees, and returns its lines by
  /// their first words.
  private static func probe(
    without calls: [String], _ answer: String, _ mode: String, _ path: String, _ names: [String],
    after mounts: [String] = []
  ) throws -> [String: String] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "..").standardizedFileURL.path
    let program = try #require(SandboxTests.program()).path
    let command =
      ["env", "PYTHONPATH=\(tests)", "python3", "-B", "-m", "harness.calls.run_without"]
      + calls.map { "\($0)=\(answer)" }
      + ["--", program, mode, path] + names
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      mounts.isEmpty
      ? command
      : ["unshare", "-m", "sh", "-ec", (mounts + ["exec \"$@\""]).joined(separator: "; "), "sh"]
        + command
    let output = Foundation.Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let pairs = text.split(separator: "\n").map { line in
      line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    return Dictionary(pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { first, _ in first }
  }
}
