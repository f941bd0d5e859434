package import Archive
internal import Linux

/// What a release's tree has to be, in the format of mtree(5), so that other tools can check it.
package struct Manifest: Equatable, Sendable {
  /// The top, which is ".", then the others, sorted by the bytes of their paths.
  package let entries: TreeEntries

  package init(_ entries: some Sequence<TreeEntry>) { self.init(TreeEntries(entries)) }

  package init(_ entries: TreeEntries) {
    var entries = entries
    entries.sort()
    self.entries = entries
  }

  package var fileCount: Int { entries.fileCount }

  /// The sum of the files' sizes.
  package var byteCount: Int64 { entries.byteCount }
}

// MARK: - Writing

extension Manifest {
  private static let signature = "#mtree v2.0\n"
  /// So much is passed on at a time, in bytes.
  private static let pieceSize = 256 << 10

  /// The file's content, without owners, which a deploy host decides for itself.
  func encoded() -> [UInt8] {
    var text: [UInt8] = []
    encode { text += $0 }
    return text
  }

  /// The same, piece by piece: never all of it is in memory.
  func encode<Failure>(_ take: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
    var piece = Array(Self.signature.utf8)
    for entry in entries {
      append(entry, to: &piece)
      if piece.count >= Self.pieceSize {
        try take(piece)
        piece.removeAll(keepingCapacity: true)
      }
    }
    try take(piece)
  }

  private func append(_ entry: TreeEntry, to text: inout [UInt8]) {
    if entry.path != "." { text += "./".utf8 }
    MtreeName.append(entry.path, to: &text)
    switch entry.content {
    case .directory: text += " type=dir".utf8
    case .symbolicLink: text += " type=link".utf8
    case .file: text += " type=file".utf8
    }
    text += " mode=0".utf8
    Digits.append(UInt64(entry.permissions), radix: 8, to: &text)
    switch entry.content {
    case .directory: break
    case .symbolicLink(let target):
      append(entry.modified, to: &text)
      text += " link=".utf8
      MtreeName.append(target, to: &text)
    case .file(let size, let digest):
      text += " size=".utf8
      Digits.append(UInt64(size.magnitude), to: &text)
      append(entry.modified, to: &text)
      text += " sha256digest=".utf8
      digest.appendHex(to: &text)
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// Seconds, a dot, nine digits: some readers take what follows the dot as a whole number.
  private func append(_ time: FileTime, to text: inout [UInt8]) {
    text += " time=".utf8
    if time.seconds < 0 { text.append(UInt8(ascii: "-")) }
    Digits.append(time.seconds.magnitude, to: &text)
    text.append(UInt8(ascii: "."))
    Digits.append(UInt64(time.nanoseconds), count: 9, to: &text)
  }
}

// MARK: - Reading

extension Manifest {
  /// Reads what ``encoded()`` wrote; nil for anything else.
  init?(decoding bytes: [UInt8]) {
    let signature = Array(Self.signature.utf8)
    guard bytes.starts(with: signature), bytes.last == UInt8(ascii: "\n") else { return nil }
    var entries = TreeEntries()
    for line in bytes.dropFirst(signature.count).split(separator: UInt8(ascii: "\n")) {
      guard let entry = Self.entry(line) else { return nil }
      entries.append(entry)
    }
    let paths = Set(entries.map { Array($0.path.utf8) })
    guard paths.contains(Array(".".utf8)), paths.count == entries.count else { return nil }
    self.init(entries)
  }

  /// Reads one line, without its end; nil for one that ``encoded()`` would not write.
  static func entry(_ line: ArraySlice<UInt8>) -> TreeEntry? {
    var words = line.split(separator: UInt8(ascii: " "))
    guard !words.isEmpty, let path = path(words.removeFirst()) else { return nil }
    var keywords: [String: ArraySlice<UInt8>] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")),
        keywords.updateValue(
          word[(equals + 1)...], forKey: String(decoding: word[..<equals], as: UTF8.self)) == nil
      else { return nil }
    }
    func text(_ key: String) -> String? {
      keywords[key].map { String(decoding: $0, as: UTF8.self) }
    }
    guard let mode = keywords["mode"].flatMap({ number($0, radix: 8) }), mode <= 0o7777 else {
      return nil
    }
    let content: TreeEntry.Content
    switch text("type") {
    case "dir": content = .directory
    case "link":
      guard let target = keywords["link"].flatMap({ MtreeName.decode($0) }) else { return nil }
      content = .symbolicLink(target: target)
    case "file":
      guard let size = keywords["size"].flatMap({ number($0) }),
        let digest = text("sha256digest").flatMap({ Digest(hex: $0) })
      else { return nil }
      content = .file(size: size, digest: digest)
    default: return nil
    }
    // That of a directory is not written down: it changes with whatever is put there.
    let isDirectory = content == .directory
    guard let time = isDirectory ? FileTime(seconds: 0) : keywords["time"].flatMap(time) else {
      return nil
    }
    return TreeEntry(
      path: path, content: content, permissions: FileMode(mode), modified: time)
  }

  private static func path(_ word: ArraySlice<UInt8>) -> String? {
    if word.elementsEqual(".".utf8) { return "." }
    guard word.starts(with: "./".utf8), word.count > 2 else { return nil }
    return MtreeName.decode(word.dropFirst(2))
  }

  /// Digits and nothing else.
  private static func number(_ word: ArraySlice<UInt8>, radix: Int = 10) -> Int64? {
    guard word.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: word, as: UTF8.self), radix: radix)
  }

  private static func time(_ word: ArraySlice<UInt8>) -> FileTime? {
    let isNegative = word.first == UInt8(ascii: "-")
    let parts = word.dropFirst(isNegative ? 1 : 0).split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count == 9, let seconds = number(parts[0]),
      let nanoseconds = number(parts[1])
    else { return nil }
    return FileTime(seconds: isNegative ? -seconds : seconds, nanoseconds: nanoseconds)
  }
}
