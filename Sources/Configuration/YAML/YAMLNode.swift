internal import Linux
internal import ReleaseModel
internal import Text

/// A place in a configuration file; both numbers count from 1, columns in Unicode scalars.
struct YAMLPosition: Equatable, Sendable {
  let file: String
  let line: Int
  let column: Int

  /// A failure that points here.
  func error(_ message: String, hint: Hint? = nil) -> ReleasesError {
    ReleasesError(
      .configuration, "\(file):\(line):\(column): \(message)",
      hint: hint ?? Hint("correct that line; see", shell: "man releases.yaml"))
  }
}

/// A piece of a YAML document and where it begins.
struct YAMLNode: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    /// `isPlain` says that it was written without quotes, so that it may be a number or null.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In the order of the file; no key twice.
    case mapping([YAMLEntry])
  }

  let content: Content
  let position: YAMLPosition
}

/// One key of a mapping with its value.
struct YAMLEntry: Equatable, Sendable {
  let key: String
  let keyPosition: YAMLPosition
  let value: YAMLNode
}

extension YAMLNode {
  /// Nothing was written, or the word for nothing.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The characters of a scalar as they were written, numbers and truth values included.
  var text: String? {
    guard case .scalar(let text, _) = content, !isNull else { return nil }
    return text
  }

  /// A decimal number of 0 or more without sign, leading zero or quotes.
  var wholeNumber: Int? {
    guard case .scalar(let text, isPlain: true) = content,
      text.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }),
      text == "0" || text.utf8.first != UInt8(ascii: "0")
    else { return nil }
    return Int(text)
  }

  /// The failure of a value that is not what its key takes.
  ///
  /// - Parameters:
  ///   - wanted: such as "a whole number of at least 1".
  ///   - name: the key with the names of its sections, such as "keep.count".
  func expected(_ wanted: String, for name: String, hint: Hint? = nil) -> ReleasesError {
    position.error("\(name): expected \(wanted), found \(found)", hint: hint)
  }

  private var found: String {
    switch content {
    case .scalar where isNull: "nothing"
    case .scalar(let text, isPlain: true): "'\(excerpt(text))'"
    case .scalar(let text, isPlain: false): "the quoted text '\(excerpt(text))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
