import Foundation
import TestSupport
import Testing

extension TestStore {
  /// Returns a copy of the store.
  func copy() throws -> TestStore {
    let copy = try TestStore(initialized: false)
    let copied = try Program.run(["cp", "-a", path, copy.path])
    #expect(copied.status == 0, "\(copied.errors)")
    return copy
  }

  /// Returns the metadata of every file except the times of access and of inode changes, and the
  /// digests of small files.
  func fileSystemState() throws -> String {
    let shape = try Program.run([
      "find", path, "-printf", "%P %y %i %m %U:%G %n %s %T@ %l\n",
    ]).output.split(separator: "\n").sorted()
    let content = try Program.run([
      "find", path, "-type", "f", "-size", "-64k", "-exec", "sha256sum", "{}", "+",
    ]).output.split(separator: "\n").sorted()
    return (shape + content).joined(separator: "\n")
  }

  /// Returns the text of a file in the store.
  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  /// Writes a file and creates its parent directories. An existing file keeps its inode.
  func write(_ name: String, _ content: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: file)
  }

  /// Makes or replaces a symbolic link with ln(1), as people do by hand.
  func makeLink(_ name: String, to target: String) throws {
    try Program.expect(["ln", "-sfn", target, "\(path)/\(name)"])
  }

  /// Returns the entries of `history`, newest first.
  func history() throws -> [[String: Any]] {
    try #require(try expectSuccess(["history", "--json"]).json["entries"] as? [[String: Any]])
  }

  /// Changes the time at which the store's last change ended.
  ///
  /// - Parameter time: a time of RFC 3339 in seconds.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  func setLastChange(_ time: String) throws {
    try reseal(".releases/lock") {
      $0.replacing(#/"finished":"[^"]*"/#, with: #""finished":"\#(time)""#)
    }
  }

  /// Changes the sealed lines of a file in place and seals them again.
  func reseal(_ name: String, _ change: (String) -> String) throws {
    let text = try read(name)
    let lines = try text.split(separator: "\n").map { slot in
      let line = slot.trimmingCharacters(in: .whitespaces)
      let seal = try #require(line.range(of: #","sha256":""#))
      let body = change(line[..<seal.lowerBound] + "}")
      let sum = try Program.expect(["sha256sum"], input: Data(body.utf8)).output.prefix(64)
      let sealed = body.dropLast() + #","sha256":"\#(sum)"}"#
      // A slot of the journal has a fixed size.
      return sealed.padding(
        toLength: max(sealed.count, slot.hasSuffix(" ") ? slot.count : 0), withPad: " ",
        startingAt: 0) + "\n"
    }
    try write(name, lines.joined())
  }

  /// Expects that another recovery changes and prints nothing.
  func expectNothingToRecover(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try fileSystemState()
    let again = try run(["recover"])
    #expect(again.status == 0, comment, sourceLocation: sourceLocation)
    #expect(again.output + again.errors == "", comment, sourceLocation: sourceLocation)
    #expect(try fileSystemState() == before, comment, sourceLocation: sourceLocation)
  }

  /// Runs the command in the hint of a failure as it was printed.
  ///
  /// - Parameters:
  ///   - run: the run that failed.
  ///   - mayFail: whether another obstacle may make the command fail.
  ///   - sourceLocation: the place of the caller, for failures.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  func runHint(
    of run: Releases.Run, mayFail: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(try run.json["error"] as? [String: Any])
    let hint = try #require(error["hint"] as? String, sourceLocation: sourceLocation)
    let command = try #require(run.hintCommand, sourceLocation: sourceLocation)
    #expect(hint.hasSuffix(": \(command)"), sourceLocation: sourceLocation)
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    let typed = try Program.run(
      ["sh", "-ec", command], environment: ["PATH": "\(tools):/usr/sbin:/usr/bin:/sbin:/bin"])
    #expect(
      typed.status == 0 || mayFail, "\(command): \(typed.errors)", sourceLocation: sourceLocation)
  }
}

/// Removes the staging directory from a state, since every stage changes its time.
func ignoringStagingTimes(_ facts: String) -> [Substring] {
  facts.split(separator: "\n").filter { !$0.hasPrefix(".releases/staging d ") }
}
