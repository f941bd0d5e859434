import Foundation
import Testing

extension TestStore {
  /// A second store just like this one.
  func copy() throws -> TestStore {
    let copy = try TestStore(initialized: false)
    let copied = try Program.run(["cp", "-a", path, copy.path])
    #expect(copied.status == 0, "\(copied.errors)")
    return copy
  }

  /// All that an inode says of everything in the store but when it was read and when it last
  /// changed, and the content of what is small.
  func facts() throws -> String {
    let shape = try Program.run([
      "find", path, "-printf", "%P %y %i %m %U:%G %n %s %T@ %l\n",
    ]).output.split(separator: "\n").sorted()
    let content = try Program.run([
      "find", path, "-type", "f", "-size", "-64k", "-exec", "sha256sum", "{}", "+",
    ]).output.split(separator: "\n").sorted()
    return (shape + content).joined(separator: "\n")
  }

  /// The text of a file in the store.
  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  /// Writes a file, one that is there in place, and makes the directories above it.
  func write(_ name: String, _ content: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: file)
  }

  /// Makes a symbolic link, in place of one that is there, as people do it by hand.
  func makeLink(_ name: String, to target: String) throws {
    try Program.expect(["ln", "-sfn", target, "\(path)/\(name)"])
  }

  /// `history`'s entries, newest first.
  func history() throws -> [[String: Any]] {
    try #require(try expectDone(["history", "--json"]).json["entries"] as? [[String: Any]])
  }

  /// Lets the journal say that the store's last change ended at another time.
  ///
  /// - Parameter time: in RFC 3339, in seconds.
  func setLastChange(_ time: String) throws {
    try reseal(".releases/lock") {
      $0.replacing(#/"finished":"[^"]*"/#, with: #""finished":"\#(time)""#)
    }
  }

  /// Changes the sealed lines of a file of the store, in place, and seals them again.
  func reseal(_ name: String, _ change: (String) -> String) throws {
    let text = try read(name)
    let lines = try text.split(separator: "\n").map { slot in
      let line = slot.trimmingCharacters(in: .whitespaces)
      let seal = try #require(line.range(of: #","sha256":""#))
      let body = change(line[..<seal.lowerBound] + "}")
      let sum = try Program.expect(["sha256sum"], input: Data(body.utf8)).output.prefix(64)
      let sealed = body.dropLast() + #","sha256":"\#(sum)"}"#
      // A slot of the journal has its size, whatever it says.
      return sealed.padding(
        toLength: max(sealed.count, slot.hasSuffix(" ") ? slot.count : 0), withPad: " ",
        startingAt: 0) + "\n"
    }
    try write(name, lines.joined())
  }

  /// Another recovery has nothing to do and nothing to say.
  func expectSettledForGood(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try facts()
    let again = try run(["recover"])
    #expect(again.status == 0, comment, sourceLocation: sourceLocation)
    #expect(again.output + again.errors == "", comment, sourceLocation: sourceLocation)
    #expect(try facts() == before, comment, sourceLocation: sourceLocation)
  }

  /// Carries out the hint of a failure as it was printed.
  ///
  /// - Parameter mayFail: for one of several obstacles: the next one is still there.
  func typeHint(
    of run: Releases.Run, mayFail: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(try run.json["error"] as? [String: Any])
    let hint = try #require(error["hint"] as? String, sourceLocation: sourceLocation)
    let command = try #require(
      hint.range(of: ": ").map { String(hint[$0.upperBound...]) }, sourceLocation: sourceLocation)
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    let typed = try Program.run(
      ["sh", "-ec", command], environment: ["PATH": "\(tools):/usr/sbin:/usr/bin:/sbin:/bin"])
    #expect(
      typed.status == 0 || mayFail, "\(command): \(typed.errors)", sourceLocation: sourceLocation)
  }
}

extension Program {
  /// Runs a program that has to succeed.
  @discardableResult
  static func expect(
    _ words: [String], input: Data? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Releases.Run {
    let run = try run(words, input: input)
    try #require(
      run.status == 0, "\(words.joined(separator: " ")): \(run.errors)",
      sourceLocation: sourceLocation)
    return run
  }
}

/// Who runs the tests, and whom they can become.
enum User {
  static let isRoot = geteuid() == 0
  /// Runs what follows as nobody.
  static let asNobody = [
    "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--",
  ]
}
