internal import Foundation

/// The JSON Schemas of `man/schemas`, one for each command. Only the keywords that these use are
/// known; any other one is an error, so that none is ignored.
package struct JSONSchemas: Sendable {
  /// The documents by the names of their files, without `.json`.
  package let documents: [String: ParsedJSON]

  private static let annotations: Set = [
    "$schema", "title", "description", "$defs", "meanings", "advice", "exitStatuses",
  ]

  /// - Throws: an error when a file can't be read.
  package init() throws {
    let folder = Repository.root.appending(path: "man/schemas")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    documents = Dictionary(
      uniqueKeysWithValues: try files.map { file in
        (file.deletingPathExtension().lastPathComponent, try ParsedJSON(Data(contentsOf: file)))
      })
  }

  /// Returns why a document does not follow the schema of a command, one line each; empty when it
  /// does.
  package func problems(of document: ParsedJSON, ofCommand name: String) -> [String] {
    guard let schema = documents[name] else { return ["no schema for \(name)"] }
    return problems(document, schema, at: name, in: name)
  }

  /// Compares a value with a schema at a place of the document, in a file of schemas.
  private func problems(
    _ value: ParsedJSON, _ schema: ParsedJSON, at place: String, in file: String
  ) -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): no schema"] }
    return keywords.flatMap { keyword, argument -> [String] in
      if Self.annotations.contains(keyword) { return [] }
      switch keyword {
      case "$ref": return reference(value, argument, at: place, in: file)
      case "anyOf": return anyOf(value, argument, at: place, in: file)
      case "type":
        let allowed = argument.strings
        let isAllowed =
          allowed.contains(value.type) || allowed.contains("number") && value.type == "integer"
        return isAllowed ? [] : ["\(place) is \(value.type), not \(allowed)"]
      case "const": return value == argument ? [] : ["\(place) is \(value), not \(argument)"]
      case "enum":
        guard case .array(let allowed) = argument else { return ["\(place): no list"] }
        return allowed.contains(value) ? [] : ["\(place) is \(value)"]
      case "pattern": return pattern(value, argument, at: place)
      case "items":
        guard case .array(let items) = value else { return [] }
        return items.flatMap { problems($0, argument, at: place + "[]", in: file) }
      case "properties", "required", "additionalProperties":
        return members(value, keywords, keyword, at: place, in: file)
      default: return ["\(place): unknown keyword \(keyword)"]
      }
    }
  }

  private func reference(
    _ value: ParsedJSON, _ argument: ParsedJSON, at place: String, in file: String
  ) -> [String] {
    let parts = argument.strings.first?.components(separatedBy: ".json#/$defs/") ?? []
    guard parts.count == 2, let target = documents[parts[0]]?["$defs"]?[parts[1]] else {
      return ["\(place): no such definition: \(argument)"]
    }
    return problems(value, target, at: place, in: parts[0])
  }

  private func anyOf(
    _ value: ParsedJSON, _ argument: ParsedJSON, at place: String, in file: String
  ) -> [String] {
    guard case .array(let choices) = argument else { return ["\(place): no list"] }
    let results = choices.map { problems(value, $0, at: place, in: file) }
    // The nearest choice explains best.
    return results.min { $0.count < $1.count } ?? ["\(place): no choice"]
  }

  private func pattern(
    _ value: ParsedJSON, _ argument: ParsedJSON, at place: String
  ) -> [String] {
    guard case .string(let text) = value, let pattern = argument.strings.first else { return [] }
    let isMatch = (try? Regex(pattern).firstMatch(in: text)) != nil
    return isMatch ? [] : ["\(place) is \(text)"]
  }

  private func members(
    _ value: ParsedJSON, _ keywords: [String: ParsedJSON], _ keyword: String, at place: String,
    in file: String
  ) -> [String] {
    guard case .object(let members) = value else { return [] }
    let known: [String: ParsedJSON] =
      if case .object(let properties)? = keywords["properties"] { properties } else { [:] }
    switch keyword {
    case "required":
      return (keywords[keyword]?.strings ?? []).filter { members[$0] == nil }
        .map { "\(place).\($0) is missing" }
    case "properties":
      return known.flatMap { name, schema in
        members[name].map { problems($0, schema, at: "\(place).\(name)", in: file) } ?? []
      }
    default:
      let others = members.filter { known[$0.key] == nil }
      return others.flatMap { name, value -> [String] in
        if keywords[keyword] == .bool(false) { return ["\(place).\(name) is unknown"] }
        return problems(value, keywords[keyword] ?? .null, at: "\(place).\(name)", in: file)
      }
    }
  }
}
