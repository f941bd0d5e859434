package import Archive
internal import Linux

/// What a release's tree has to be, in the format of mtree(5), so that other tools can check it.
package struct Manifest: Equatable, Sendable {
  /// Sorted by the bytes of their paths; the top is ".".
  package let entries: [TreeEntry]

  package init(_ entries: [TreeEntry]) {
    self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  package var fileCount: Int {
    entries.count {
      if case .file = $0.content { true } else { false }
    }
  }

  /// The sum of the files' sizes.
  package var byteCount: Int64 {
    entries.reduce(0) {
      if case .file(let size, _) = $1.content { $0 + size } else { $0 }
    }
  }
}

// MARK: - Writing

extension Manifest {
  private static let signature = "#mtree v2.0\n"

  /// The file's content, without owners, which a deploy host decides for itself.
  func encoded() -> [UInt8] {
    var text = Array(Self.signature.utf8)
    text.reserveCapacity(entries.count * 160)
    for entry in entries { append(entry, to: &text) }
    return text
  }

  private func append(_ entry: TreeEntry, to text: inout [UInt8]) {
    if entry.path != "." { text += "./".utf8 }
    MtreeName.append(entry.path, to: &text)
    let mode = String(entry.permissions, radix: 8)
    switch entry.content {
    case .directory:
      text += " type=dir mode=0\(mode)\n".utf8
    case .symbolicLink(let target):
      text += " type=link mode=0\(mode) time=\(time(of: entry)) link=".utf8
      MtreeName.append(target, to: &text)
      text.append(UInt8(ascii: "\n"))
    case .file(let size, let digest):
      text += " type=file mode=0\(mode) size=\(size) time=\(time(of: entry))".utf8
      text += " sha256digest=\(digest.hex)\n".utf8
    }
  }

  /// Seconds, a dot, nine digits: some readers take what follows the dot as a whole number.
  private func time(of entry: TreeEntry) -> String {
    let nanoseconds = String(entry.modified.nanoseconds)
    let zeros = String(repeating: "0", count: 9 - nanoseconds.utf8.count)
    return "\(entry.modified.seconds).\(zeros)\(nanoseconds)"
  }
}

// MARK: - Reading

extension Manifest {
  /// Reads what ``encoded()`` wrote; nil for anything else.
  init?(decoding bytes: [UInt8]) {
    let signature = Array(Self.signature.utf8)
    guard bytes.starts(with: signature), bytes.last == UInt8(ascii: "\n") else { return nil }
    var entries: [TreeEntry] = []
    for line in bytes.dropFirst(signature.count).split(separator: UInt8(ascii: "\n")) {
      guard let entry = Self.entry(line) else { return nil }
      entries.append(entry)
    }
    guard entries.contains(where: { $0.path == "." }) else { return nil }
    self.init(entries)
  }

  private static func entry(_ line: ArraySlice<UInt8>) -> TreeEntry? {
    var words = line.split(separator: UInt8(ascii: " "))
    guard !words.isEmpty, var path = MtreeName.decode(words.removeFirst()) else { return nil }
    if path != "." {
      guard path.hasPrefix("./") else { return nil }
      path.removeFirst(2)
    }
    var keywords: [String: ArraySlice<UInt8>] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      keywords[String(decoding: word[..<equals], as: UTF8.self)] = word[(equals + 1)...]
    }
    func text(_ key: String) -> String? {
      keywords[key].map { String(decoding: $0, as: UTF8.self) }
    }
    guard let mode = text("mode").flatMap({ FileMode($0, radix: 8) }) else { return nil }
    let content: TreeEntry.Content
    switch text("type") {
    case "dir": content = .directory
    case "link":
      guard let target = keywords["link"].flatMap({ MtreeName.decode($0) }) else { return nil }
      content = .symbolicLink(target: target)
    case "file":
      guard let size = text("size").flatMap({ Int64($0) }),
        let digest = text("sha256digest").flatMap({ Digest(hex: $0) })
      else { return nil }
      content = .file(size: size, digest: digest)
    default: return nil
    }
    return TreeEntry(
      path: path, content: content, permissions: mode,
      modified: text("time").flatMap { time($0) } ?? FileTime(seconds: 0))
  }

  private static func time(_ text: String) -> FileTime? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let seconds = Int64(parts[0]), let nanoseconds = Int64(parts[1]) else {
      return nil
    }
    return FileTime(seconds: seconds, nanoseconds: nanoseconds)
  }
}
