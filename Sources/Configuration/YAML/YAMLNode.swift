internal import ReleaseModel
internal import Text

/// A position in a configuration file. Lines and columns count from 1, columns in Unicode scalars.
struct YAMLPosition: Equatable, Sendable {
  let file: String
  let line: Int
  let column: Int

  /// Returns an error about this position.
  func error(_ message: String, hint: Hint? = nil) -> ReleasesError {
    ReleasesError(
      .configuration, "\(file):\(line):\(column): \(message)",
      hint: hint ?? Hint("correct this line; see the manual", shell: "man releases.yaml"))
  }
}

/// A node of a YAML document, and the position where it begins.
struct YAMLNode: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    /// A scalar. It is plain when it was written without quotes, and may then be a number or null.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// A mapping in the order of the file. Its keys are unique.
    case mapping([YAMLEntry])
  }

  let content: Content
  let position: YAMLPosition
}

/// A key of a mapping and its value.
struct YAMLEntry: Equatable, Sendable {
  let key: String
  let keyPosition: YAMLPosition
  let value: YAMLNode
}

extension YAMLNode {
  /// Whether the value is missing or `null`.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The text of a scalar, including numbers and booleans; nil for any other node.
  var text: String? {
    guard case .scalar(let text, _) = content, !isNull else { return nil }
    return text
  }

  /// A decimal number without sign, leading zero or quotes; nil for any other node.
  var wholeNumber: Int? {
    guard case .scalar(let text, isPlain: true) = content,
      text.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }),
      text == "0" || text.utf8.first != UInt8(ascii: "0")
    else { return nil }
    return Int(text)
  }

  /// Returns the error for a value that its key does not accept.
  ///
  /// - Parameters:
  ///   - wanted: the values that the key accepts, such as "a whole number of at least 1".
  ///   - name: the key with the names of its sections, such as "keep.count".
  ///   - hint: what to do; nil for a reference to the manual.
  /// - Returns: the error.
  func expected(_ wanted: String, for name: String, hint: Hint? = nil) -> ReleasesError {
    position.error("\(name): expected \(wanted), found \(found)", hint: hint)
  }

  private var found: String {
    switch content {
    case .scalar where isNull: "nothing"
    case .scalar(let text, isPlain: true): "'\(excerpt(text))'"
    case .scalar(let text, isPlain: false): "the quoted string '\(excerpt(text))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
