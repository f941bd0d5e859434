internal import Archive
internal import Linux

/// Takes a manifest apart piece by piece: never all of its text is in memory.
struct ManifestReader {
  private var entries = TreeEntries()
  /// The beginning of a line whose end has not come yet.
  private var begun: [UInt8] = []
  private var hasSignature = false
  private var isValid = true

  mutating func take(_ piece: ArraySlice<UInt8>) {
    var rest = piece
    while isValid, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if begun.isEmpty {
        takeLine(rest[..<end])
      } else {
        let line = begun + rest[..<end]
        begun.removeAll(keepingCapacity: true)
        takeLine(line[...])
      }
      rest = rest[(end + 1)...]
    }
    begun += rest
  }

  private mutating func takeLine(_ line: ArraySlice<UInt8>) {
    guard hasSignature else {
      hasSignature = true
      isValid = line.elementsEqual(Manifest.signature.utf8.dropLast())
      return
    }
    guard let entry = Manifest.entry(line) else {
      isValid = false
      return
    }
    entries.append(entry)
  }

  /// Nil for anything that ``Manifest/encoded()`` would not write.
  consuming func finish() -> Manifest? {
    guard isValid, begun.isEmpty, entries.first?.path == ".", entries.isStrictlySorted else {
      return nil
    }
    return Manifest(sorted: entries)
  }
}

extension Manifest {
  /// Reads what ``encoded()`` wrote; nil for anything else.
  init?(decoding bytes: [UInt8]) {
    var reader = ManifestReader()
    reader.take(bytes[...])
    guard let manifest = reader.finish() else { return nil }
    self = manifest
  }

  /// Reads one line, without its end; nil for one that ``encoded()`` would not write.
  static func entry(_ line: ArraySlice<UInt8>) -> TreeEntry? {
    var words = ManifestWords(rest: line)
    guard let path = path(words.next()), let type = words.value(of: "type"),
      let mode = words.value(of: "mode").flatMap({ number($0, radix: 8) }), mode <= 0o7777
    else { return nil }
    let content: TreeEntry.Content
    var modified = FileTime(seconds: 0)
    if type.elementsEqual("file".utf8) {
      guard let size = words.value(of: "size").flatMap({ number($0) }),
        let time = words.value(of: "time").flatMap(time),
        let digest = words.value(of: "sha256digest").flatMap({ Digest(hexDigits: $0) })
      else { return nil }
      (content, modified) = (.file(size: size, digest: digest), time)
    } else if type.elementsEqual("link".utf8) {
      guard let time = words.value(of: "time").flatMap(time),
        let target = words.value(of: "link").flatMap({ MtreeName.decode($0) })
      else { return nil }
      (content, modified) = (.symbolicLink(target: target), time)
    } else if type.elementsEqual("dir".utf8) {
      // A directory's time is not written down: it changes with whatever is put there.
      content = .directory
    } else {
      return nil
    }
    guard words.rest.isEmpty else { return nil }
    return TreeEntry(
      path: path, content: content, permissions: FileMode(mode), modified: modified)
  }

  private static func path(_ word: ArraySlice<UInt8>) -> String? {
    if word.elementsEqual(".".utf8) { return "." }
    guard word.starts(with: "./".utf8), word.count > 2 else { return nil }
    return MtreeName.decode(word.dropFirst(2))
  }

  /// Digits and nothing else.
  private static func number(_ word: ArraySlice<UInt8>, radix: Int64 = 10) -> Int64? {
    if word.isEmpty { return nil }
    var number: Int64 = 0
    for byte in word {
      let digit = Int64(byte) - 0x30
      guard (0..<radix).contains(digit) else { return nil }
      let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: radix)
      let (sum, isTooLargeNow) = shifted.addingReportingOverflow(digit)
      if isTooLarge || isTooLargeNow { return nil }
      number = sum
    }
    return number
  }

  private static func time(_ word: ArraySlice<UInt8>) -> FileTime? {
    let isNegative = word.first == UInt8(ascii: "-")
    let digits = word.dropFirst(isNegative ? 1 : 0)
    guard let dot = digits.firstIndex(of: UInt8(ascii: ".")),
      let seconds = number(digits[..<dot]), digits.endIndex - dot == 10,
      let nanoseconds = number(digits[(dot + 1)...])
    else { return nil }
    return FileTime(seconds: isNegative ? -seconds : seconds, nanoseconds: nanoseconds)
  }
}

/// The words of a line, one after the other, in the order in which they are written.
private struct ManifestWords {
  var rest: ArraySlice<UInt8>

  /// Up to the next space, or to the end.
  mutating func next() -> ArraySlice<UInt8> {
    let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.endIndex
    defer { rest = rest[end...].dropFirst() }
    return rest[..<end]
  }

  /// What stands behind `keyword=`; nil where the next word is another.
  mutating func value(of keyword: String) -> ArraySlice<UInt8>? {
    let word = next()
    let end = word.startIndex + keyword.utf8.count
    guard end < word.endIndex, word[end] == UInt8(ascii: "="),
      word[..<end].elementsEqual(keyword.utf8)
    else { return nil }
    return word[(end + 1)...]
  }
}
