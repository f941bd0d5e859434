internal import ReleaseModel
internal import Text

/// A section of the configuration: a mapping with known keys, whose values are read by type.
///
/// A key without a value, or with `null`, counts as missing. Every method that throws throws
/// `configuration`, with file, line and column, for a value of the wrong type.
struct ConfigurationSection<Key: ConfigurationKey> {
  /// The name with those of the enclosing sections, such as "hooks.prepare"; empty at the top
  /// level.
  let name: String
  let position: YAMLPosition
  private let entries: [String: YAMLEntry]

  /// Reads a section.
  ///
  /// - Throws: `configuration` when the node is not a mapping, or has an unknown key.
  init(_ node: YAMLNode, name: String) throws(ReleasesError) {
    let names = Key.allCases.map(\.rawValue)
    guard case .mapping(let entries) = node.content else {
      let what = name.isEmpty ? "configuration" : name
      throw node.expected("a mapping", for: what, hint: "known keys: \(list(names))")
    }
    for entry in entries where Key(rawValue: entry.key) == nil {
      let near =
        nearestName(to: entry.key, among: names).map { "did you mean '\($0)'? " } ?? ""
      throw entry.keyPosition.error(
        "unknown key '\(excerpt(entry.key))' " + (name.isEmpty ? "at the top level" : "in \(name)"),
        hint: "\(near)known keys: \(list(names))")
    }
    self.name = name
    self.position = node.position
    self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the full name of a key, such as `hooks.prepare.command`.
  func name(of key: Key) -> String { name.isEmpty ? key.rawValue : "\(name).\(key.rawValue)" }

  /// Returns the value of a key; nil when it is missing.
  func node(_ key: Key) -> YAMLNode? {
    guard let node = entries[key.rawValue]?.value, !node.isNull else { return nil }
    return node
  }

  /// Returns the position of a key; nil when it has no value.
  func keyPosition(_ key: Key) -> YAMLPosition? {
    node(key) == nil ? nil : entries[key.rawValue]?.keyPosition
  }

  /// Reads a section inside of this one; nil when it is missing.
  ///
  /// - Throws: `configuration` when the value is not a mapping, or has an unknown key.
  func section<SubKey: ConfigurationKey>(
    _ key: Key, _: SubKey.Type
  ) throws(ReleasesError) -> ConfigurationSection<SubKey>? {
    guard let node = node(key) else { return nil }
    return try ConfigurationSection<SubKey>(node, name: name(of: key))
  }

  /// Reads and converts the value of a key.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - wanted: the values that are accepted, for the message.
  ///   - hint: a hint for that message.
  ///   - convert: converts the value; nil when it is invalid.
  /// - Returns: nil when the key is missing.
  /// - Throws: `configuration` when the value is invalid.
  func value<Value>(
    _ key: Key, _ wanted: String, hint: Hint? = nil, _ convert: (YAMLNode) -> Value?
  ) throws(ReleasesError) -> Value? {
    guard let node = node(key) else { return nil }
    guard let value = convert(node) else {
      throw node.expected(wanted, for: name(of: key), hint: hint)
    }
    return value
  }

  /// Reads and converts each element of a list, with its position.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - wanted: the elements that are accepted, for the message.
  ///   - hint: a hint for that message.
  ///   - convert: converts an element; nil when it is invalid.
  /// - Returns: nil when the key is missing.
  /// - Throws: `configuration` when the value is not a list, or an element is invalid.
  func values<Value>(
    _ key: Key, of wanted: String, hint: Hint? = nil, _ convert: (YAMLNode) -> Value?
  ) throws(ReleasesError) -> [(value: Value, position: YAMLPosition)]? {
    guard let node = node(key) else { return nil }
    guard case .sequence(let elements) = node.content else {
      throw node.expected("a list, each element \(wanted)", for: name(of: key))
    }
    var values: [(value: Value, position: YAMLPosition)] = []
    for element in elements {
      guard let value = convert(element) else {
        throw element.expected(wanted, for: name(of: key), hint: hint)
      }
      values.append((value, element.position))
    }
    return values
  }
}

// MARK: - Kinds of values

extension ConfigurationSection {
  /// Reads a string that is not empty; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func text(_ key: Key) throws(ReleasesError) -> String? {
    try value(key, "a non-empty string") { node in
      node.text.flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  /// Reads a whole number in a range; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func number(_ key: Key, from least: Int, to most: Int = .max) throws(ReleasesError) -> Int? {
    let range = most == .max ? "of at least \(least)" : "from \(least) to \(most)"
    return try value(key, "a whole number \(range)") { node in
      node.wholeNumber.flatMap { least <= $0 && $0 <= most ? $0 : nil }
    }
  }

  /// Reads a time span.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - least: the smallest time span in seconds, 0 or 1.
  /// - Returns: nil when the key is missing.
  /// - Throws: `configuration` for any other value.
  func timeSpan(_ key: Key, least: Int64) throws(ReleasesError) -> TimeSpan? {
    let wanted = "a duration" + (least > 0 ? " above 0" : "")
    return try value(key, wanted, hint: "use a duration such as 90s, 10m, 36h, 7d or 1h30m") {
      node in
      node.text.flatMap(TimeSpan.init(parsing:)).flatMap { $0.seconds < least ? nil : $0 }
    }
  }

  /// Reads a pause above 0; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func interval(_ key: Key) throws(ReleasesError) -> Interval? {
    try value(key, "a duration above 0", hint: "for example 500ms, 0.5s, 2s or 1m") { node in
      node.text.flatMap(Interval.init(parsing:)).flatMap { $0.milliseconds > 0 ? $0 : nil }
    }
  }

  /// Reads a size of at least `least` bytes; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func byteSize(_ key: Key, least: Int64 = 0) throws(ReleasesError) -> ByteSize? {
    let wanted = "a size" + (least > 0 ? " above 0" : "")
    return try value(key, wanted, hint: "for example 500MB, 2GiB or a number of bytes") { node in
      node.text.flatMap(ByteSize.init(parsing:)).flatMap { $0.bytes < least ? nil : $0 }
    }
  }

  /// Reads one of several words; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func choice<Choice: ConfigurationKey>(
    _ key: Key, _: Choice.Type
  ) throws(ReleasesError) -> Choice? {
    let names = Choice.allCases.map(\.rawValue)
    let near = node(key)?.text.flatMap { nearestName(to: $0, among: names) }
    return try value(
      key, "one of " + list(names), hint: near.map { "did you mean '\($0)'?" }
    ) { node in node.text.flatMap(Choice.init(rawValue:)) }
  }

  /// Reads a command: a line for a shell, or a list of arguments; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  func command(_ key: Key) throws(ReleasesError) -> Configuration.Command? {
    let hint: Hint = "for example 'systemctl restart app' or [systemctl, restart, app]"
    try refuseFullWidthProgram(key)
    return try value(key, "a command line or a list of arguments", hint: hint) { node in
      if case .sequence(let elements) = node.content {
        let arguments = elements.compactMap(\.text)
        guard arguments.count == elements.count, arguments.first?.isEmpty == false else {
          return nil
        }
        return .arguments(arguments)
      }
      let isBlank = node.text?.utf8.allSatisfy { $0 <= UInt8(ascii: " ") } ?? true
      return isBlank ? nil : node.text.map(Configuration.Command.shell)
    }
  }
}

extension ConfigurationSection {
  /// Refuses a command whose first word has full-width punctuation or typographic quotation marks: it
  /// was meant as two words, or as quoted. In the other words they may be intended.
  ///
  /// - Throws: `configuration` for such a command.
  private func refuseFullWidthProgram(_ key: Key) throws(ReleasesError) {
    guard let node = node(key) else { return }
    var first = node
    if case .sequence(let elements) = node.content, let element = elements.first { first = element }
    guard let program = first.text?.split(separator: " ").first,
      let found = FullWidthPunctuation.first(in: program)
    else { return }
    throw first.position.error(
      "\(name(of: key)): the program '\(excerpt(String(program)))' contains"
        + " \(FullWidthPunctuation.shown(found))",
      hint: "write the command with plain punctuation")
  }
}

private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
