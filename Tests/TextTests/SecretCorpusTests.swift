import Foundation
import TestSupport
import Testing
import Text

/// Measures the masking on lines of the kinds that the tool meets. The lines are templates, so that
/// the repository contains nothing that looks like a secret.
///
/// `RELEASES_SECRET_CORPUS` names a directory with other lines to measure: `secret.txt` with a
/// secret, a tab and the line that contains it on each line, and `harmless.txt`.
@Suite struct SecretCorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/secrets").standardizedFileURL

  /// A line, and what of it must not be seen.
  private struct Line {
    var text: String
    var secrets: [String]
  }

  private static func lines(_ file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("# ") }
  }

  // MARK: - Templates

  private static let upper = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
  private static let digits = Array("0123456789")
  private static let alphanumeric = Array("abcdefghijklmnopqrstuvwxyz") + upper + digits

  /// Returns a random value of a kind.
  private static func value(_ kind: Substring, _ generator: inout SeededGenerator) -> String {
    func text(_ count: Int, _ alphabet: [Character]) -> String {
      String((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? "x" })
    }
    let hex = digits + Array("abcdef")
    let length = Int(kind.drop { !$0.isNumber }.drop { $0 == "b" }.suffix(2)) ?? 0
    switch kind {
    case "zw": return "\u{200B}"
    case "esc": return "\u{1B}"
    case "pw": return text(6, alphanumeric) + "!" + text(2, digits) + text(3, alphanumeric)
    case "uuid": return [8, 4, 4, 4, 12].map { text($0, hex) }.joined(separator: "-")
    case "basic":
      return Data("ci:\(text(9, alphanumeric))".utf8).base64EncodedString()
    case "b64":
      return text(20, alphanumeric) + "+" + text(10, alphanumeric) + "/" + text(10, alphanumeric)
    case _ where kind.hasPrefix("hex"): return "0" + text(length - 1, hex)
    case _ where kind.hasPrefix("AN"): return text(length - 1, upper + digits) + "7"
    case _ where kind.hasPrefix("b64u"):
      return text((Int(kind.dropFirst(4)) ?? 20) - 3, alphanumeric) + "_-B"
    default: return text(length - 2, alphanumeric) + "Z7"
    }
  }

  /// Replaces the kinds in a template by values. What is between `{=` and `=}` is a secret, too.
  private static func filled(_ template: String, _ generator: inout SeededGenerator) -> Line {
    var line = Line(text: "", secrets: [])
    var rest = template[...]
    while let match = rest.firstMatch(
      of: /\{(?:(zw|esc|pw|uuid|basic|b64u?\d*|hex\d+|an\d+|AN\d+)|=(.+?)=)\}/)
    {
      let text = match.1.map { value($0, &generator) } ?? String(match.2 ?? "")
      line.text += rest[..<match.range.lowerBound] + text
      if match.1 != "zw", match.1 != "esc" { line.secrets.append(text) }
      rest = rest[match.range.upperBound...]
    }
    line.text += rest
    return line
  }

  // MARK: - Measuring

  private func measure(_ name: String, secret: [Line], harmless: [String]) {
    let missed = secret.filter { line in
      let masked = Secrets.masked(line.text)
      return masked == line.text || line.secrets.contains { masked.contains($0) }
    }
    let wrong = harmless.filter { Secrets.masked($0) != $0 }
    let found = secret.count - missed.count
    let recall = Double(found) / Double(secret.count)
    let precision = Double(found) / Double(found + wrong.count)
    print(
      "masking \(name): \(secret.count) secrets, \(harmless.count) harmless lines: "
        + "recall \(recall), precision \(precision), unchanged "
        + "\(1 - Double(wrong.count) / Double(harmless.count))")
    for line in missed { print("missed: \(line.text) -> \(Secrets.masked(line.text))") }
    for line in wrong { print("masked without need: \(line) -> \(Secrets.masked(line))") }
    #expect(recall >= 0.97)
    #expect(precision >= 0.97)
    #expect(Double(wrong.count) <= 0.03 * Double(harmless.count))
  }

  @Test func `at least 97 percent of secrets are masked, and of other lines unchanged`() throws {
    var generator = SeededGenerator(seed: 19)
    let sets = ["", "-2", "-3", "-4", "-5", "-6"]
    let secret = try sets.flatMap { try Self.lines(Self.folder.appending(path: "secret\($0).txt")) }
      .map { Self.filled($0, &generator) }
    let harmless = try sets.flatMap {
      try Self.lines(Self.folder.appending(path: "harmless\($0).txt"))
    }.map { Self.filled($0, &generator).text }
    #expect(secret.count >= 300 && harmless.count >= 300)
    measure("Fixtures", secret: secret, harmless: harmless)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["RELEASES_SECRET_CORPUS"] != nil))
  func `at least 97 percent of the lines of another corpus are treated well`() throws {
    let path = try #require(ProcessInfo.processInfo.environment["RELEASES_SECRET_CORPUS"])
    let folder = URL(filePath: path)
    let secret = try Self.lines(folder.appending(path: "secret.txt")).map { line in
      let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      return Line(
        text: String(parts.last ?? ""), secrets: parts.count == 2 ? [String(parts[0])] : [])
    }
    let harmless = try Self.lines(folder.appending(path: "harmless.txt"))
    measure(path, secret: secret, harmless: harmless)
  }
}
