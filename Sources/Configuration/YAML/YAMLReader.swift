internal import Linux
internal import ReleaseModel
internal import Text

/// Reads the part of YAML a configuration needs into a tree.
///
/// Refused besides bad syntax: more than one document, the same key twice, keys that are not
/// scalars, tags, and anchors and aliases, with which a few lines could stand for gigabytes.
enum YAMLReader {
  /// In bytes.
  static let sizeLimit = 1 << 20
  /// How deep sequences and mappings may be nested.
  static let depthLimit = 16

  /// - Parameter file: for messages.
  /// - Returns: nil for an empty document.
  static func read(_ bytes: [UInt8], file: String) throws(ReleasesError) -> YAMLNode? {
    if bytes.isEmpty { return nil }
    if bytes.count > sizeLimit {
      throw tooBig(file)
    }
    if let offset = offsetOfInvalidByte(in: bytes) {
      throw position(ofByte: offset, in: bytes, file: file).error(
        "not UTF-8", hint: "convert the file with: iconv -f ISO-8859-1 -t UTF-8")
    }
    return try bytes.withUnsafeBufferPointer { buffer throws(ReleasesError) in
      let events = try YAMLEvents(buffer, file: file)
      return try document(events)
    }
  }

  /// The failure of a file beyond the size limit.
  static func tooBig(_ file: String) -> ReleasesError {
    YAMLPosition(file: file, line: 1, column: 1).error(
      "the file is larger than \(ByteSize(bytes: Int64(sizeLimit)))")
  }

  /// Finds the first byte that is not valid UTF-8. `UTF8Span` could find it, but needs Swift 6.2.
  ///
  /// - Returns: the byte's offset from 0; nil where all bytes are UTF-8.
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

  /// Where a byte stands.
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
      throw after.position.error("a second document", hint: "remove this line and all below it")
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
        throw event.position.error("a list or mapping as a key", hint: "a key is a single word")
      }
      if let line = lines.updateValue(event.position.line, forKey: key) {
        throw event.position.error("key '\(excerpt(key))' is already on line \(line)")
      }
      let value = try node(events.next(), events, depth: depth + 1)
      entries.append(YAMLEntry(key: key, keyPosition: event.position, value: value))
    }
  }
}
