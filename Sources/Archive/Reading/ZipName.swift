internal import CArchive

/// The name of a zip member: the one in the header, and the one in the Unicode Path field, which
/// Info-ZIP writes too.
struct ZipName: Equatable {
  /// The tag of the field; see APPNOTE 4.6.9.
  static let fieldTag: Int64 = 0x7075
  /// A tag without a meaning, which replaces that of the field before libarchive reads it.
  static let neutralTag: [UInt8] = [0xFE, 0xFF]
  private static let dos: Int64 = 0

  /// The name as it is in the header.
  let stored: [UInt8]
  /// The stored name, with backslashes replaced by slashes unless it has slashes already. libarchive
  /// reads it that way, whatever the system.
  let slashed: [UInt8]
  /// The name that the member gets.
  let value: [UInt8]

  /// Determines the name, or fails when the two names contradict each other: readers may use either
  /// of them, so they must agree.
  ///
  /// - Parameters:
  ///   - stored: the name in the header.
  ///   - system: the system on which the zip was made.
  ///   - extra: the extra fields of the header.
  init?(_ stored: [UInt8], system: Int64, _ extra: ArraySlice<UInt8>) {
    let fields = ZipExtra.fields(Self.fieldTag, in: extra)
    var value = stored
    if let field = fields.first {
      guard fields.count == 1, field.bytes.number(at: 0, 1) == 1,
        field.bytes.number(at: 1, 4) == Int64(crc32_z(0, stored, stored.count)),
        Self.agrees(stored, field.bytes.dropFirst(5))
      else { return nil }
      value = Array(field.bytes.dropFirst(5))
    }
    self.stored = stored
    slashed = Self.slashed(stored)
    // Elsewhere a backslash is a character like any other, but libarchive would make a directory.
    if system != Self.dos, slashed.last == UInt8(ascii: "/"), slashed.last != stored.last {
      return nil
    }
    self.value = system == Self.dos ? Self.slashed(value) : value
  }

  /// Replaces the backslashes that .NET wrote on Windows until version 4.6, as unzip does: only if
  /// there is no slash.
  private static func slashed(_ name: [UInt8]) -> [UInt8] {
    let (slash, backslash) = (UInt8(ascii: "/"), UInt8(ascii: "\\"))
    guard !name.contains(slash) else { return name }
    return name.map { $0 == backslash ? slash : $0 }
  }

  /// Whether two names are the same, or could be the same in a code page: their ASCII characters are
  /// equal, and each other character takes one byte, or each takes two. A character that the code page
  /// lacks may be replaced by `_` or `?`, once or for each of its UTF-16 units.
  static func agrees(_ stored: [UInt8], _ unicode: ArraySlice<UInt8>) -> Bool {
    if unicode.elementsEqual(stored) { return true }
    guard let text = String(validating: unicode, as: UTF8.self) else { return false }
    return [1, 2].contains { width in
      [false, true].contains { isSpelled(text, stored[...], width: width, replacesUnits: $0) }
    }
  }

  private static func isSpelled(
    _ text: String, _ stored: ArraySlice<UInt8>, width: Int, replacesUnits: Bool
  ) -> Bool {
    var rest = stored
    for scalar in text.unicodeScalars {
      guard let byte = rest.popFirst() else { return false }
      if !scalar.isASCII, isReplacement(byte) {
        if replacesUnits, scalar.value > 0xFFFF {
          guard let second = rest.popFirst(), isReplacement(second) else { return false }
        }
      } else if scalar.isASCII || byte < 0x80 {
        guard UInt32(byte) == scalar.value else { return false }
      } else if width == 2 {
        // No second byte is a dot or a slash.
        guard let second = rest.popFirst(), second >= 0x40 else { return false }
      }
    }
    return rest.isEmpty
  }

  private static func isReplacement(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "?")
  }
}

/// The extra fields of a zip header, each with a tag and a length (APPNOTE 4.5.1).
enum ZipExtra {
  /// Returns the fields with a tag, each with its offset in the extra fields. A truncated field is
  /// left out.
  static func fields(
    _ tag: Int64, in extra: ArraySlice<UInt8>
  ) -> [(offset: Int, bytes: ArraySlice<UInt8>)] {
    var found: [(offset: Int, bytes: ArraySlice<UInt8>)] = []
    var rest = extra
    while let next = rest.number(at: 0, 2), let count = rest.number(at: 2, 2) {
      let offset = rest.startIndex - extra.startIndex
      rest = rest.dropFirst(4)
      if Int(count) > rest.count { break }
      if next == tag { found.append((offset, rest.prefix(Int(count)))) }
      rest = rest.dropFirst(Int(count))
    }
    return found
  }
}
