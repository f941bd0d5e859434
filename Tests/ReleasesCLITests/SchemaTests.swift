import CommandLineKit
import Foundation
import ReleaseModel
import TestSupport
import Testing

@testable import ReleasesCLI

/// The JSON Schemas of `man/schemas` agree with the types; the black-box tests check every document
/// against them.
@Suite struct SchemaTests {
  private let schemas: JSONSchemas

  init() throws { schemas = try JSONSchemas() }

  private func definition(_ name: String) -> ParsedJSON? {
    schemas.documents["common"]?["$defs"]?[name]
  }

  private func words(_ schema: ParsedJSON?) -> Set<String> {
    Set(schema?["enum"]?.strings ?? [])
  }

  @Test func `every command has a schema, and every schema a command`() {
    let commands = Set(CommandTable.commands.program.commands.map(\.name))
    // The worker speaks to its parent alone.
    let expected = commands.subtracting(["unpack-worker"]).union(["version", "common"])
    #expect(Set(schemas.documents.keys).symmetricDifference(expected).isEmpty)
  }

  @Test func `the codes of the schema are those of the types`() {
    #expect(words(definition("errorCode")) == Set(ReleasesError.Code.allCases.map(\.rawValue)))
    #expect(words(definition("findingCode")) == Set(StoreFinding.Code.allCases.map(\.rawValue)))
    #expect(
      words(definition("finding")?["properties"]?["level"])
        == Set(StoreFinding.Level.allCases.map(\.rawValue)))
  }

  @Test func `every code has a meaning, and advice or the exit status of its type`() {
    for code in ReleasesError.Code.allCases {
      let schema = definition("errorCode")
      #expect(schema?["meanings"]?[code.rawValue] != nil, "\(code.rawValue)")
      #expect(
        schema?["exitStatuses"]?[code.rawValue] == .integer(Int64(ExitStatus(code).rawValue)),
        "\(code.rawValue)")
    }
    for code in StoreFinding.Code.allCases {
      let schema = definition("findingCode")
      #expect(schema?["meanings"]?[code.rawValue] != nil, "\(code.rawValue)")
      #expect(schema?["advice"]?[code.rawValue] != nil, "\(code.rawValue)")
    }
  }

  @Test func `an example follows the schema, and a changed one does not`() throws {
    let finding = #"""
      {"code":"liveBad","command":null,"hint":null,"level":"problem","message":"x","release":"1"}
      """#
    let document = { (finding: String) in
      #"{"current":null,"findings":[\#(finding)],"frozen":null,"previous":null,"#
        + #""releases":[],"rollback":null,"rollbackWhole":null,"schema":1,"store":"/x","strays":[]}"#
    }
    func problems(_ text: String) throws -> [String] {
      schemas.problems(of: try ParsedJSON(Data(text.utf8)), ofCommand: "list")
    }
    #expect(try problems(document(finding)) == [])
    for (old, new) in [
      ("liveBad", "liveBed"), (#""command":null,"#, ""), (#""release":"1""#, #""release":1"#),
      (#""message":"x""#, #""message":"x","more":1"#), (#""release":"1""#, #""release":"/""#),
      (#""level":"problem""#, #""level":true"#),
    ] {
      #expect(try !problems(document(finding.replacing(old, with: new))).isEmpty, "\(new)")
    }
  }

  @Test func `every member is described`() {
    func undescribed(_ schema: ParsedJSON, _ place: String) -> [String] {
      switch schema {
      case .array(let items): return items.flatMap { undescribed($0, place) }
      case .object(let members):
        var found: [String] = []
        if case .object(let properties)? = members["properties"] {
          found = properties.filter { $0.value["description"] == nil && !$0.value.isReference }
            .map { "\(place).\($0.key)" }
        }
        return found + members.flatMap { undescribed($0.value, "\(place).\($0.key)") }
      default: return []
      }
    }
    for (name, schema) in schemas.documents { #expect(undescribed(schema, name) == []) }
  }
}

extension ParsedJSON {
  /// Whether the schema refers to one with a description, alone, as items or beside null.
  fileprivate var isReference: Bool {
    if self["$ref"] != nil { return true }
    if let items = self["items"] { return items.isReference || items["properties"] != nil }
    if case .array(let choices)? = self["anyOf"] { return choices.contains(where: \.isReference) }
    return false
  }
}
