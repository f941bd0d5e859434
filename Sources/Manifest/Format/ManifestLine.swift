package import Archive
internal import Glibc
internal import Linux

/// A part of a manifest's text, which must not outlive that text. It is not an array, whose
/// reference count would change with every slice.
package typealias ManifestText = Slice<UnsafeBufferPointer<UInt8>>

extension ManifestText {
  /// Finds the first occurrence of a byte; nil when there is none.
  func position(of byte: UInt8) -> Int? {
    let bytes = UnsafeBufferPointer(rebasing: self)
    guard let start = bytes.baseAddress, let found = memchr(start, CInt(byte), bytes.count) else {
      return nil
    }
    return startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(start))
  }

  fileprivate func isEqual(to text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      let bytes = UnsafeBufferPointer(rebasing: self)
      guard bytes.count == text.count, let own = bytes.baseAddress, let other = text.baseAddress
      else { return false }
      return memcmp(own, other, text.count) == 0
    }
  }
}

extension Manifest {
  /// Parses one line without its end; nil for one that ``encoded()`` would not write.
  package static func entry(_ line: ManifestText) -> TreeEntry? {
    var fields = ManifestFields(rest: line)
    guard let path = path(fields.next()), let type = fields.value(of: "type"),
      let mode = fields.value(of: "mode").flatMap({ number($0, radix: 8) }), mode <= 0o7777
    else { return nil }
    let content: TreeEntry.Content
    var modified = FileTime(seconds: 0)
    if type.isEqual(to: "file") {
      guard let size = fields.value(of: "size").flatMap({ number($0) }),
        let time = fields.value(of: "time").flatMap(time),
        let digest = fields.value(of: "sha256digest").flatMap({
          Digest(hexDigits: UnsafeBufferPointer(rebasing: $0))
        })
      else { return nil }
      (content, modified) = (.file(size: size, digest: digest), time)
    } else if type.isEqual(to: "link") {
      guard let time = fields.value(of: "time").flatMap(time),
        let target = fields.value(of: "link").flatMap({ MtreeName.decode($0) })
      else { return nil }
      (content, modified) = (.symbolicLink(target: target), time)
    } else if type.isEqual(to: "dir") {
      // The time of a directory is not in the manifest, since it changes with the content.
      content = .directory
    } else {
      return nil
    }
    guard fields.rest.isEmpty else { return nil }
    return TreeEntry(
      path: path, content: content, permissions: FileMode(mode), modified: modified)
  }

  private static func path(_ field: ManifestText) -> String? {
    if field.isEqual(to: ".") { return "." }
    guard field.prefix(2).isEqual(to: "./"), let path = MtreeName.decode(field.dropFirst(2)),
      isNormalized(path)
    else { return nil }
    return path
  }

  /// Whether no component of the path is empty, "." or "..", so that it lies beneath the top and
  /// has no other spelling.
  private static func isNormalized(_ path: String) -> Bool {
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

  /// Parses a number that consists only of digits.
  private static func number(_ field: ManifestText, radix: Int64 = 10) -> Int64? {
    if field.isEmpty { return nil }
    var number: Int64 = 0
    for byte in field {
      let digit = Int64(byte) - 0x30
      guard (0..<radix).contains(digit) else { return nil }
      let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: radix)
      let (sum, isTooLargeNow) = shifted.addingReportingOverflow(digit)
      if isTooLarge || isTooLargeNow { return nil }
      number = sum
    }
    return number
  }

  private static func time(_ field: ManifestText) -> FileTime? {
    let isNegative = field.first == UInt8(ascii: "-")
    let digits = field.dropFirst(isNegative ? 1 : 0)
    guard let dot = digits.position(of: UInt8(ascii: ".")),
      let seconds = number(digits[..<dot]), digits.endIndex - dot == 10,
      let nanoseconds = number(digits[(dot + 1)...])
    else { return nil }
    return FileTime(seconds: isNegative ? -seconds : seconds, nanoseconds: nanoseconds)
  }
}

/// The fields of a line, which are separated by spaces and have a fixed order.
private struct ManifestFields {
  var rest: ManifestText

  /// Returns the next field.
  mutating func next() -> ManifestText {
    let end = rest.position(of: UInt8(ascii: " ")) ?? rest.endIndex
    defer { rest = rest[end...].dropFirst() }
    return rest[..<end]
  }

  /// Returns the value of the next field; nil when it has another keyword.
  mutating func value(of keyword: StaticString) -> ManifestText? {
    let field = next()
    let end = field.startIndex + keyword.utf8CodeUnitCount
    guard end < field.endIndex, field[end] == UInt8(ascii: "="),
      field[..<end].isEqual(to: keyword)
    else { return nil }
    return field[(end + 1)...]
  }
}
