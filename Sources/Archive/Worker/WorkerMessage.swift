internal import Linux

/// A message of the worker to the process that has started it.
enum WorkerMessage: Equatable {
  /// The worker has entered its sandbox and starts to unpack.
  case sandboxed(Sandbox.State)
  case written(WrittenEntry)
  /// Everything is written.
  case finished(warnings: [String])
  case failed(ArchiveError)

  /// The maximum length of a message, in bytes.
  static let lengthLimit = 1 << 20

  private enum Tag {
    static let sandboxed: Int64 = 1
    static let directory: Int64 = 2
    static let file: Int64 = 3
    static let symbolicLink: Int64 = 4
    static let hardLink: Int64 = 5
    static let finished: Int64 = 6
    static let failed: Int64 = 7
    static let progress: Int64 = 8
  }

  /// Returns the message with its length in front.
  func encoded() -> [UInt8] {
    var wire = WireWriter()
    encode(to: &wire)
    return wire.bytes
  }

  func encode(to wire: inout WireWriter) { wire.putFramed(putBody) }

  private func putBody(_ body: inout WireWriter) {
    switch self {
    case .sandboxed(let state):
      body.put(Tag.sandboxed)
      body.put(state.layers.map(\.rawValue))
      body.put(state.missing.map(\.layer.rawValue))
      body.put(state.missing.map(\.reason))
    case .written(.entry(let entry)): Self.put(entry, &body)
    case .written(.hardLink(let path, let target)):
      body.put(Tag.hardLink)
      body.put(path)
      body.put(target)
    case .written(.progress(let bytes)):
      body.put(Tag.progress)
      body.put(bytes)
    case .finished(let warnings):
      body.put(Tag.finished)
      body.put(warnings)
    case .failed(let error):
      body.put(Tag.failed)
      error.encode(to: &body)
    }
  }

  private static func put(_ entry: TreeEntry, _ body: inout WireWriter) {
    switch entry.content {
    case .directory: body.put(Tag.directory)
    case .file: body.put(Tag.file)
    case .symbolicLink: body.put(Tag.symbolicLink)
    }
    body.put(entry.path)
    body.put(entry.permissions)
    body.put(entry.modified.seconds)
    body.put(entry.modified.nanoseconds)
    switch entry.content {
    case .directory: break
    case .file(let size, let digest):
      body.put(size)
      body.put(digest)
    case .symbolicLink(let target): body.put(target)
    }
  }

  /// Decodes the bytes after the length. Returns nil for anything that ``encode(to:)`` does not
  /// write.
  init?(decoding body: ArraySlice<UInt8>) {
    var wire = WireReader(body)
    switch wire.number() {
    case Tag.sandboxed: self = .sandboxed(Self.state(&wire))
    case Tag.directory: self = .written(.entry(Self.entry(&wire) { _ in .directory }))
    case Tag.file:
      self = .written(
        .entry(
          Self.entry(&wire) { wire in .file(size: wire.number(), digest: wire.digest()) }))
    case Tag.symbolicLink:
      self = .written(.entry(Self.entry(&wire) { wire in .symbolicLink(target: wire.text()) }))
    case Tag.hardLink:
      self = .written(.hardLink(path: wire.text(), target: wire.text()))
    case Tag.progress: self = .written(.progress(wire.number()))
    case Tag.finished: self = .finished(warnings: wire.texts())
    case Tag.failed:
      guard let error = ArchiveError(decoding: &wire) else { return nil }
      self = .failed(error)
    default: return nil
    }
    guard wire.isComplete, isPlausible else { return nil }
  }

  /// Escapes the reasons for a terminal, since the worker is not trusted.
  private static func state(_ wire: inout WireReader) -> Sandbox.State {
    var state = Sandbox.State()
    state.layers = wire.texts().compactMap { Sandbox.Layer(rawValue: $0) }
    let missing = wire.texts().compactMap { Sandbox.Layer(rawValue: $0) }
    state.missing = zip(missing, wire.texts()).map { layer, reason in
      Sandbox.MissingLayer(layer, reason: displayed(reason.utf8.prefix(200)))
    }
    return state
  }

  private static func entry(
    _ wire: inout WireReader, _ content: (inout WireReader) -> TreeEntry.Content
  ) -> TreeEntry {
    let path = wire.text()
    let permissions = wire.number(as: FileMode.self)
    let modified = FileTime(seconds: wire.number(), nanoseconds: wire.number())
    return TreeEntry(
      path: path, content: content(&wire), permissions: permissions, modified: modified)
  }

  /// Whether the path is a normalized path inside the tree, and modes and sizes are possible.
  private var isPlausible: Bool {
    switch self {
    case .written(.entry(let entry)):
      if case .file(let size, _) = entry.content, size < 0 { return false }
      let special = entry.content == .directory ? Inheritance.setGroupID : 0
      return isPlain(entry.path) && entry.permissions & ~(0o777 | special) == 0
        && (0..<1_000_000_000).contains(entry.modified.nanoseconds)
    case .written(.hardLink(let path, let target)): return isPlain(path) && isPlain(target)
    case .sandboxed, .written(.progress), .finished, .failed: return true
    }
  }

  private func isPlain(_ path: String) -> Bool {
    path == "." || MemberName.isNormal(path)
  }
}
