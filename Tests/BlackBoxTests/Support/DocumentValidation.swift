import Foundation
import TestSupport
import Testing

/// Checks every JSON document that a test sees against the schema of its command.
enum DocumentValidation {
  static let schemas = Result { try JSONSchemas() }

  /// Expects that the documents of a run follow the schema of its command.
  ///
  /// - Parameters:
  ///   - output: standard output.
  ///   - arguments: the arguments of the program.
  static func expectValid(_ output: String, of arguments: [String]) {
    guard arguments.contains("--json") || arguments.contains("--output=json") else { return }
    // A run that was killed, or whose reader went away, may end within a document.
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for line in lines where line.hasPrefix("{") {
      do {
        expectValid(
          try ParsedJSON(Data(line.utf8)), ofCommand: try command(arguments), String(line))
      } catch {
        Issue.record("\(arguments): \(error)")
      }
    }
  }

  /// Expects that a document follows the schema of a command.
  static func expectValid(_ document: ParsedJSON, ofCommand name: String, _ text: String) {
    do {
      // A command line that can't be understood has no command.
      let isFailure = document["error"] != nil && document["command"] == nil
      // What the gate passes on is the document of another command.
      if name == "gate", !isFailure { return }
      let problems = try schemas.get().problems(
        of: document, ofCommand: name.isEmpty && isFailure ? "version" : name)
      if !problems.isEmpty { Issue.record("\(problems)\n\(text.prefix(2000))") }
    } catch {
      Issue.record("\(error)")
    }
  }

  /// Returns the command of a command line; empty when there is none.
  private static func command(_ arguments: [String]) throws -> String {
    let names = try schemas.get().documents.keys
    if arguments.contains("--version") { return "version" }
    if arguments.contains("--help") { return "help" }
    var isValue = false
    for argument in arguments {
      if isValue {
        isValue = false
      } else if ["--store", "-s", "--output"].contains(argument) {
        isValue = true
      } else if names.contains(argument) {
        return argument
      }
    }
    return ""
  }
}
