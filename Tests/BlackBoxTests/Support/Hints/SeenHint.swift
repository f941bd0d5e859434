import Foundation
import TestSupport

/// A hint that a run printed.
struct SeenHint: Hashable, Sendable {
  /// What the hint belongs to: the code of a finding or of an error, or the message itself.
  let situation: String
  /// The sentence without the command.
  let text: String
  /// The command as it was printed; nil when the hint has none.
  let command: String?
  /// The message of the finding that the command should remove; nil for the hint of a message.
  var finding: String?

  /// What hints of the same kind have in common: numbers, IDs, and quoted words are replaced.
  var kind: String {
    [situation, text, command ?? ""].map(Self.normalized).joined(separator: " | ")
  }

  /// The words of the command after `releases --store PATH`; nil for a command of another program.
  var ownArguments: [String]? {
    guard let words = command?.split(separator: " ").map(String.init),
      let name = words.firstIndex(of: "releases"), name == 0 || words[..<name] == ["sudo"],
      !words.contains("&&")
    else { return nil }
    var rest = words[(name + 1)...]
    if rest.first == "--store" { rest = rest.dropFirst(2) }
    return Array(rest)
  }

  private static func normalized(_ text: String) -> String {
    text.replacing(#/(/[^\s:;,']+)+/#, with: "PATH").replacing(#/'[^']*'|"[^"]*"/#, with: "QUOTED")
      .replacing(#/[0-9a-f]{40,}/#, with: "DIGEST").replacing(#/[0-9]+/#, with: "N")
      .replacing(#/releases.yaml:\S*/#, with: "LINE")
  }

  // MARK: - Reading

  /// Returns the hints of a run, from its messages and its documents.
  static func all(in run: ProgramRun) -> [SeenHint] {
    messages(run.errors, code: errorCode(run.output)) + findings(run.output)
      + labelled(run.output)
  }

  /// The code of the error in the document on standard output; nil without one.
  private static func errorCode(_ output: String) -> String? {
    guard output.hasPrefix("{"),
      let document = try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    else { return nil }
    return (document["error"] as? [String: Any])?["code"] as? String
  }

  /// Returns the hints on standard error: that of the error, whose command has a line of its own, and
  /// those of warnings, which follow a semicolon.
  private static func messages(_ errors: String, code: String?) -> [SeenHint] {
    let lines = errors.components(separatedBy: "\n")
    var message = ""
    return lines.indices.compactMap { index in
      let line = lines[index]
      if line.hasPrefix("releases: error: ") { message = String(line.dropFirst(17)) }
      if line.hasPrefix("releases: hint: ") {
        let text = String(line.dropFirst(16))
        let next = index + 1 < lines.count ? lines[index + 1] : ""
        let what = code ?? message
        guard text.hasSuffix(":"), next.hasPrefix("  ") else {
          return split(text, situation: what, requiresCommand: false)
        }
        return SeenHint(situation: what, text: text, command: String(next.dropFirst(2)))
      }
      guard line.hasPrefix("releases: warning: "), line.contains("; ") else { return nil }
      return split(String(line.dropFirst(19)), situation: "warning", requiresCommand: true)
    }
  }

  /// Returns the hints of the findings in a document on standard output.
  private static func findings(_ output: String) -> [SeenHint] {
    documentFindings(output).compactMap { finding in
      guard let hint = finding["hint"] as? String else { return nil }
      let code = finding["code"] as? String ?? finding["subject"] as? String ?? "?"
      guard let command = finding["command"] as? String else {
        return split(hint, situation: code, requiresCommand: false)
      }
      let isOfStatus = finding["release"] != nil
      return SeenHint(
        situation: code, text: String(hint.dropLast(command.count)), command: command,
        finding: isOfStatus ? finding["message"] as? String : nil)
    }
  }

  /// The findings of the document on standard output; empty for another output.
  static func documentFindings(_ output: String) -> [[String: Any]] {
    guard output.hasPrefix("{"),
      let document = try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    else { return [] }
    return document["findings"] as? [[String: Any]] ?? []
  }

  /// Returns the hints that reports print after `hint:`.
  private static func labelled(_ output: String) -> [SeenHint] {
    if output.hasPrefix("{") { return [] }
    var before = ""
    return output.components(separatedBy: "\n").compactMap { line in
      defer { before = line }
      guard let label = line.firstRange(of: "hint: ") else { return nil }
      return split(
        String(line[label.upperBound...]), situation: before, requiresCommand: false)
    }
  }

  /// Splits `TEXT: COMMAND`. A command begins with the name of a program that hints use.
  private static func split(
    _ line: String, situation: String, requiresCommand: Bool
  ) -> SeenHint? {
    let starts = line.ranges(of: ": ").map(\.upperBound)
    let start = starts.first { start in
      HintRules.programs.contains(String(line[start...].prefix { $0 != " " }))
    }
    if start == nil, requiresCommand { return nil }
    return SeenHint(
      situation: situation, text: String(line[..<(start ?? line.endIndex)]),
      command: start.map { String(line[$0...]) })
  }
}
