internal import CYAML
internal import ReleaseModel

/// What libyaml's parser meets on its way through a text, one after the other.
///
/// Once an event has been refused, no further one may be asked for.
struct YAMLEvents: ~Copyable {
  struct Event {
    enum Kind {
      /// Of the stream or a document.
      case start
      case scalar(String, isPlain: Bool)
      case sequence, mapping
      /// Of what began last.
      case end
    }

    let kind: Kind
    let position: YAMLPosition
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeBufferPointer<UInt8>
  private let file: String

  /// - Parameter text: UTF-8 that outlives the events.
  init(_ text: UnsafeBufferPointer<UInt8>, file: String) throws(ReleasesError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw ReleasesError(.failed, "no memory to read \(file)")
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

  /// The next event; refuses anchors, aliases, tags and characters that C strings can't hold.
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
      try refuse(anchor: scalar.anchor, tag: scalar.tag, at: position)
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      if text.utf8.contains(0) { throw position.error("a NUL character") }
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      try refuse(anchor: start.anchor, tag: start.tag, at: position)
      return .sequence
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      try refuse(anchor: start.anchor, tag: start.tag, at: position)
      return .mapping
    case YAML_ALIAS_EVENT:
      throw position.error("an alias (*)", hint: "write the value out")
    default:
      return .end
    }
  }

  private func refuse(
    anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?,
    at position: YAMLPosition
  ) throws(ReleasesError) {
    if anchor != nil { throw position.error("an anchor (&)", hint: "quote a text that begins so") }
    if tag != nil { throw position.error("a tag (!)", hint: "quote a text that begins so") }
  }

  private func position(_ mark: yaml_mark_t) -> YAMLPosition {
    YAMLPosition(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func syntaxError() -> ReleasesError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
    switch state.error {
    case YAML_MEMORY_ERROR:
      return ReleasesError(.failed, "no memory to read \(file)")
    case YAML_READER_ERROR:
      // Bytes are turned into characters ahead of the parser, whose mark is still elsewhere.
      return YAMLReader.position(ofByte: state.problem_offset, in: text, file: file).error(problem)
    default:
      let context = state.context.map { " " + String(cString: $0) } ?? ""
      // What somebody gets who writes a pattern such as **/x as it is.
      if context.hasSuffix("an alias") || context.hasSuffix("an anchor") {
        return position(state.context_mark).error("a text that begins with * or & needs quotes")
      }
      return position(state.problem_mark).error(problem + context)
    }
  }
}
