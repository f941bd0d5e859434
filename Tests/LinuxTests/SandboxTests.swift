import Foundation
import Linux
import Testing

/// A separate process enters the sandbox and tries what each layer must block.
struct SandboxTests {
  /// The output of the probe: attempts and their error numbers, 0 for success.
  private static let findings: [String: Int32] = (try? probe()) ?? [:]

  @Test(arguments: ["make-file", "make-directory", "make-link", "hard-link", "thread"])
  func `an unpacker can do its work`(_ attempt: String) throws {
    #expect(Self.findings[attempt] == 0)
  }

  @Test(
    .enabled(if: Self.findings["layer-landlock"] == 0),
    arguments: [
      ("make-outside", EACCES), ("directory-outside", EACCES), ("link-outside", EACCES),
      ("hard-link-in", EXDEV), ("hard-link-out", EACCES), ("list-outside", EACCES),
    ])
  func `nothing outside the stage is accessible`(_ attempt: String, _ error: Int32) {
    #expect(Self.findings[attempt] == error)
  }

  @Test(
    .enabled(if: Self.findings["layer-seccomp"] == 0),
    arguments: [
      "read-outside", "write-outside", "rename", "unlink", "change-owner", "change-mode-by-name",
      "device", "socket", "local-socket", "program", "process", "signal", "set-user",
      "executable-memory",
    ])
  func `other calls are blocked`(_ attempt: String) {
    #expect(Self.findings[attempt] == EPERM)
  }

  @Test func `the size of files is limited`() { #expect(Self.findings["file-too-big"] == EFBIG) }

  private static func probe() throws -> [String: Int32] {
    let root = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let stage = root.appending(path: "stage")
    try FileManager.default.createDirectory(at: stage, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: root.appending(path: "outside"))
    let process = Process()
    process.executableURL = program()
    process.arguments = [stage.path]
    let output = Foundation.Pipe()
    process.standardOutput = output
    try process.run()
    let lines = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let pairs = String(decoding: lines, as: UTF8.self).split(separator: "\n").compactMap { line in
      line.firstIndex(of: " ").flatMap { space in
        Int32(line[line.index(after: space)...]).map { (String(line[..<space]), $0) }
      }
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The probe, which is built beside the tests.
  static func program() -> URL? {
    var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appending(path: "sandbox-probe")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      directory.deleteLastPathComponent()
    }
    return nil
  }
}
