internal import ReleaseModel
internal import Text

/// Parses the subset of YAML that a configuration needs.
///
/// It rejects invalid syntax, more than one document, duplicate keys, keys that are not scalars,
/// tags, and anchors and aliases, which could expand a few lines to gigabytes.
enum YAMLReader {
  /// The largest configuration in bytes.
  static let sizeLimit = 1 << 20
  /// The deepest nesting of sequences and mappings.
  static let depthLimit = 16

  /// Parses a document.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: the path of the file, for messages.
  /// - Returns: nil for an empty document.
  /// - Throws: `configuration` for a document that is rejected.
  static func read(_ bytes: [UInt8], file: String) throws(ReleasesError) -> YAMLNode? {
    if bytes.isEmpty { return nil }
    if bytes.count > sizeLimit {
      throw tooBig(file)
    }
    if let offset = offsetOfInvalidByte(in: bytes) {
      throw position(ofByte: offset, in: bytes, file: file).error(
        "invalid UTF-8", hint: LegacyEncoding(of: bytes).hint(file))
    }
    return try bytes.withUnsafeBufferPointer { buffer throws(ReleasesError) in
      let events = try YAMLEvents(buffer, file: file)
      return try document(events)
    }
  }

  /// Returns the error for a file above the size limit.
  static func tooBig(_ file: String) -> ReleasesError {
    YAMLPosition(file: file, line: 1, column: 1).error(
      "the file is larger than \(ByteSize(bytes: Int64(sizeLimit)))")
  }

  /// Finds the first byte that is not valid UTF-8. `UTF8Span` could find it, but needs Swift 6.2.
  ///
  /// - Parameter bytes: the text.
  /// - Returns: the offset of the byte; nil when all bytes are UTF-8.
  static func offsetOfInvalidByte(in bytes: [UInt8]) -> Int? {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar): offset += scalar.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }

  /// Returns the line and column of a byte.
  static func position(ofByte offset: Int, in bytes: some Collection<UInt8>, file: String)
    -> YAMLPosition
  {
    let before = bytes.prefix(offset)
    let line = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let characters = (line.last ?? before).count { $0 & 0b1100_0000 != 0b1000_0000 }
    return YAMLPosition(file: file, line: max(1, line.count), column: characters + 1)
  }

  private static func document(_ events: borrowing YAMLEvents) throws(ReleasesError) -> YAMLNode? {
    guard case .start = try events.next().kind else { return nil }
    guard case .start = try events.next().kind else { return nil }
    let root = try node(events.next(), events, depth: 1)
    _ = try events.next()
    let after = try events.next()
    if case .start = after.kind {
      throw after.position.error(
        "more than one document", hint: "remove this line and everything below it")
    }
    return root.isNull ? nil : root
  }

  private static func node(
    _ event: YAMLEvents.Event, _ events: borrowing YAMLEvents, depth: Int
  ) throws(ReleasesError) -> YAMLNode {
    if case .scalar(let text, let isPlain) = event.kind {
      return YAMLNode(content: .scalar(text, isPlain: isPlain), position: event.position)
    }
    if depth > depthLimit {
      throw event.position.error("nested deeper than \(depthLimit) levels")
    }
    let content: YAMLNode.Content =
      if case .mapping = event.kind {
        .mapping(try entries(events, depth: depth))
      } else {
        .sequence(try elements(events, depth: depth))
      }
    return YAMLNode(content: content, position: event.position)
  }

  private static func elements(
    _ events: borrowing YAMLEvents, depth: Int
  ) throws(ReleasesError) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .end = event.kind { return elements }
      elements.append(try node(event, events, depth: depth + 1))
    }
  }

  private static func entries(
    _ events: borrowing YAMLEvents, depth: Int
  ) throws(ReleasesError) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try events.next()
      if case .end = event.kind { return entries }
      guard case .scalar(let key, _) = event.kind else {
        throw event.position.error(
          "a key must not be a list or mapping", hint: "use a single word as the key")
      }
      if let line = lines.updateValue(event.position.line, forKey: key) {
        throw event.position.error("duplicate key '\(excerpt(key))', first used on line \(line)")
      }
      let value = try node(events.next(), events, depth: depth + 1)
      entries.append(YAMLEntry(key: key, keyPosition: event.position, value: value))
    }
  }
}
