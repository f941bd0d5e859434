import CommandLineKit
import Foundation
import ReleaseModel
import TestSupport
import Testing

@testable import ReleasesCLI

/// Every hint in the sources can be pasted into a shell, so its command has to be valid.
@Suite struct HintCommandTests {
  /// A command in a hint, and where it is.
  struct Found: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let file: String
    var testDescription: String { "\(arguments.joined(separator: " ")) in \(file)" }
  }

  /// All array literals that begin with the name of a command. Expressions in them that are not
  /// literals become a release ID, or the name of a command.
  static let commands: [Found] = sources.flatMap { file, text in
    text.matches(of: #/\["([a-z-]+)"(?:,\s*[^\[\]]+)?\]/#).compactMap { match -> Found? in
      let names = CommandTable.commands.program.commands.map(\.name)
      guard names.contains(String(match.1)) else { return nil }
      let arguments = match.0.dropFirst().dropLast().split(separator: ",").map { element in
        let element = element.trimmingCharacters(in: .whitespacesAndNewlines)
        if element.hasPrefix("\"") { return String(element.dropFirst().dropLast()) }
        return element.hasSuffix(".name") ? "list" : "1762147685"
      }
      // The name of the file is added to these.
      let isPrefix = text[..<match.range.lowerBound].hasSuffix("for: ")
      return Found(arguments: arguments + (isPrefix ? ["FILE"] : []), file: file)
    }
  }

  /// All lines for a shell that run this program, with their interpolations replaced.
  static let shellLines: [Found] = sources.flatMap { file, text in
    text.matches(of: #/shell: "releases ((?:--store|[a-z]+ )(?:[^"\\]|\\\([^()]*\))*)"/#).map {
      match in
      let line = match.1.replacing(#/\\\([^()]*\)/#, with: "/opt/diting")
      return Found(
        arguments: line.split(separator: " ").map(String.init).prefix { $0 != ">" }, file: file)
    }
  }

  /// The files of all targets but the parser, whose commands belong to its callers.
  private static let sources: [(file: String, text: String)] = {
    let directory = Repository.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "swift" && !$0.path.contains("/CommandLineKit/") }
      .compactMap { url in
        (try? String(contentsOf: url, encoding: .utf8)).map { (url.lastPathComponent, $0) }
      }
  }()

  @Test(arguments: commands + shellLines)
  func `the command of a hint is accepted by the parser`(hint: Found) {
    #expect(throws: Never.self, "\(hint.testDescription)") {
      _ = try CommandTable.commands.resolve(hint.arguments)
    }
  }

  @Test func `the scan of the sources finds the hints`() {
    #expect(Self.commands.count > 40)
    #expect(Self.shellLines.count > 2)
  }
}
