package import Archive
internal import Glibc
internal import Linux

/// A part of a manifest's text, as long as somebody holds that: each byte is looked at by several, and
/// an array would count its owners each time.
package typealias ManifestText = Slice<UnsafeBufferPointer<UInt8>>

extension ManifestText {
  /// Where a byte comes first; nil where it does not.
  func position(of byte: UInt8) -> Int? {
    let bytes = UnsafeBufferPointer(rebasing: self)
    guard let start = bytes.baseAddress, let found = memchr(start, CInt(byte), bytes.count) else {
      return nil
    }
    return startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(start))
  }

  fileprivate func says(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      let bytes = UnsafeBufferPointer(rebasing: self)
      guard bytes.count == text.count, let own = bytes.baseAddress, let other = text.baseAddress
      else { return false }
      return memcmp(own, other, text.count) == 0
    }
  }
}

extension Manifest {
  /// Reads one line, without its end; nil for one that ``encoded()`` would not write.
  package static func entry(_ line: ManifestText) -> TreeEntry? {
    var words = ManifestWords(rest: line)
    guard let path = path(words.next()), let type = words.value(of: "type"),
      let mode = words.value(of: "mode").flatMap({ number($0, radix: 8) }), mode <= 0o7777
    else { return nil }
    let content: TreeEntry.Content
    var modified = FileTime(seconds: 0)
    if type.says("file") {
      guard let size = words.value(of: "size").flatMap({ number($0) }),
        let time = words.value(of: "time").flatMap(time),
        let digest = words.value(of: "sha256digest").flatMap({
          Digest(hexDigits: UnsafeBufferPointer(rebasing: $0))
        })
      else { return nil }
      (content, modified) = (.file(size: size, digest: digest), time)
    } else if type.says("link") {
      guard let time = words.value(of: "time").flatMap(time),
        let target = words.value(of: "link").flatMap({ MtreeName.decode($0) })
      else { return nil }
      (content, modified) = (.symbolicLink(target: target), time)
    } else if type.says("dir") {
      // A directory's time is not written down: it changes with whatever is put there.
      content = .directory
    } else {
      return nil
    }
    guard words.rest.isEmpty else { return nil }
    return TreeEntry(
      path: path, content: content, permissions: FileMode(mode), modified: modified)
  }

  private static func path(_ word: ManifestText) -> String? {
    if word.says(".") { return "." }
    guard word.prefix(2).says("./"), let path = MtreeName.decode(word.dropFirst(2)),
      leadsDown(path)
    else { return nil }
    return path
  }

  /// It names something beneath the top, in the one way there is: no component is empty, "." or "..".
  private static func leadsDown(_ path: String) -> Bool {
    var (length, dots) = (0, 0)
    var isName: Bool { length > dots || dots > 2 }
    for byte in path.utf8 {
      switch byte {
      case 0: return false
      case UInt8(ascii: "/"):
        guard isName else { return false }
        (length, dots) = (0, 0)
      default:
        length += 1
        if byte == UInt8(ascii: ".") { dots += 1 }
      }
    }
    return isName
  }

  /// Digits and nothing else.
  private static func number(_ word: ManifestText, radix: Int64 = 10) -> Int64? {
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

  private static func time(_ word: ManifestText) -> FileTime? {
    let isNegative = word.first == UInt8(ascii: "-")
    let digits = word.dropFirst(isNegative ? 1 : 0)
    guard let dot = digits.position(of: UInt8(ascii: ".")),
      let seconds = number(digits[..<dot]), digits.endIndex - dot == 10,
      let nanoseconds = number(digits[(dot + 1)...])
    else { return nil }
    return FileTime(seconds: isNegative ? -seconds : seconds, nanoseconds: nanoseconds)
  }
}

/// The words of a line, one after the other, in the order in which they are written.
private struct ManifestWords {
  var rest: ManifestText

  /// Up to the next space, or to the end.
  mutating func next() -> ManifestText {
    let end = rest.position(of: UInt8(ascii: " ")) ?? rest.endIndex
    defer { rest = rest[end...].dropFirst() }
    return rest[..<end]
  }

  /// What stands behind `keyword=`; nil where the next word is another.
  mutating func value(of keyword: StaticString) -> ManifestText? {
    let word = next()
    let end = word.startIndex + keyword.utf8CodeUnitCount
    guard end < word.endIndex, word[end] == UInt8(ascii: "="),
      word[..<end].says(keyword)
    else { return nil }
    return word[(end + 1)...]
  }
}
