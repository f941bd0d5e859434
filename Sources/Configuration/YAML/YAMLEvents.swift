internal import CYAML
internal import ReleaseModel
internal import Text

/// The events of libyaml's parser, in the order of the text.
///
/// After ``next()`` has thrown an error, it must not be called again.
struct YAMLEvents: ~Copyable {
  struct Event {
    enum Kind {
      /// The start of the stream or of a document.
      case start
      case scalar(String, isPlain: Bool)
      /// The start of a sequence or mapping.
      case sequence, mapping
      /// The end of whatever started last.
      case end
    }

    let kind: Kind
    let position: YAMLPosition
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeBufferPointer<UInt8>
  private let file: String

  /// Makes a parser.
  ///
  /// - Parameters:
  ///   - text: UTF-8 that outlives the events.
  ///   - file: the path of the file, for messages.
  /// - Throws: `failed` when memory is exhausted.
  init(_ text: UnsafeBufferPointer<UInt8>, file: String) throws(ReleasesError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw ReleasesError(.failed, "out of memory while reading \(file)")
    }
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    self.parser = parser
    self.text = text
    self.file = file
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Returns the next event.
  ///
  /// - Throws: `configuration` for a syntax error, an anchor, an alias, a tag or a NUL character.
  func next() throws(ReleasesError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    let position = position(event.start_mark)
    return Event(kind: try kind(of: event, at: position), position: position)
  }

  private func kind(
    of event: yaml_event_t, at position: YAMLPosition
  ) throws(ReleasesError) -> Event.Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT:
      return .start
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try reject(anchor: scalar.anchor, tag: scalar.tag, at: position)
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      if text.utf8.contains(0) { throw position.error("NUL characters are not supported") }
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      try reject(anchor: start.anchor, tag: start.tag, at: position)
      return .sequence
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      try reject(anchor: start.anchor, tag: start.tag, at: position)
      return .mapping
    case YAML_ALIAS_EVENT:
      throw position.error("aliases (*) are not supported", hint: "repeat the value")
    default:
      return .end
    }
  }

  private func reject(
    anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?,
    at position: YAMLPosition
  ) throws(ReleasesError) {
    if anchor != nil {
      throw position.error(
        "anchors (&) are not supported", hint: "put a string that begins with & in quotes")
    }
    if tag != nil {
      throw position.error(
        "tags (!) are not supported", hint: "put a string that begins with ! in quotes")
    }
  }

  private func position(_ mark: yaml_mark_t) -> YAMLPosition {
    YAMLPosition(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  /// Returns the number of characters before the line ends at the end of a text.
  private static func lengthWithoutEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    let trimmed = text[..<(text.lastIndex { !$0.isLineEnd }.map { $0 + 1 } ?? 0)]
    return String(decoding: trimmed, as: UTF8.self).unicodeScalars.count
  }

  private func syntaxError() -> ReleasesError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "invalid YAML"
    switch state.error {
    case YAML_MEMORY_ERROR:
      return ReleasesError(.failed, "out of memory while reading \(file)")
    case YAML_READER_ERROR:
      // Bytes are decoded ahead of the parser, so its mark is not where the problem is.
      return YAMLReader.position(ofByte: state.problem_offset, in: text, file: file).error(problem)
    default:
      let context = state.context.map { " " + String(cString: $0) } ?? ""
      // A pattern such as **/x without quotes is the usual cause.
      if context.hasSuffix("an alias") || context.hasSuffix("an anchor") {
        return position(state.context_mark).error("a string that begins with * or & needs quotes")
      }
      // At the end of the file, only the beginning of what is not closed can be corrected.
      let isAtEnd = state.problem_mark.index >= Self.lengthWithoutEnd(text)
      let mark = isAtEnd && state.context != nil ? state.context_mark : state.problem_mark
      return position(mark).error(problem + context)
    }
  }
}

extension UInt8 {
  /// Whether it is a line feed, a carriage return or a blank.
  fileprivate var isLineEnd: Bool { self == 0x0A || self == 0x0D || self == 0x20 }
}
