/// Splits and checks the names of members.
enum MemberName {
  /// The maximum length of a component in bytes: NAME_MAX.
  static let componentLimit = UnpackLimits.componentLength
  /// The maximum length of a path in bytes: PATH_MAX without its NUL.
  static let pathLimit = UnpackLimits.pathLength

  /// Returns the components of a name without `.` and empty ones; none for the root itself.
  ///
  /// - Throws: `ArchiveError` when the name breaks a rule.
  static func components(
    of name: [UInt8], _ limits: UnpackLimits = UnpackLimits()
  ) throws(ArchiveError) -> [String] {
    try naming(name) { () throws(ArchiveError) in
      try checkedComponents(of: name, limits)
    }
  }

  private static func checkedComponents(
    of name: [UInt8], _ limits: UnpackLimits
  ) throws(ArchiveError) -> [String] {
    if name.isEmpty { throw ArchiveError(.rejected(.emptyName)) }
    if name.contains(0) { throw ArchiveError(.rejected(.nulInName)) }
    if name[0] == UInt8(ascii: "/") { throw ArchiveError(.rejected(.absoluteName)) }
    if name.count > min(pathLimit, limits.nameLength) {
      throw ArchiveError(.rejected(.nameTooLong))
    }
    var components: [String] = []
    for part in name.split(separator: UInt8(ascii: "/")) {
      guard let text = String(validating: part, as: UTF8.self) else {
        throw ArchiveError(.rejected(.nameNotUTF8))
      }
      switch kind(of: part) {
      case .here: continue
      case .parent: throw ArchiveError(.rejected(.parentComponent))
      case .name: components.append(text)
      case .tooLong: throw ArchiveError(.rejected(.nameTooLong))
      }
    }
    if components.count > limits.depth { throw ArchiveError(.rejected(.tooDeep)) }
    return components
  }

  private enum ComponentKind { case here, parent, name, tooLong }

  private static func kind(of component: some Collection<UInt8>) -> ComponentKind {
    if component.count > componentLimit { return .tooLong }
    if component.count > 2 || component.first != UInt8(ascii: ".") { return .name }
    if component.count == 1 { return .here }
    return component.dropFirst().first == UInt8(ascii: ".") ? .parent : .name
  }

  /// Whether a path consists of valid components joined by single slashes.
  static func isNormal(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { bytes in
      guard !bytes.isEmpty, bytes.count <= pathLimit, !bytes.contains(0) else { return false }
      return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && kind(of: $0) == .name }
    }
  }

  /// Returns a key that is equal for names that some file systems treat as the same name: those
  /// that differ only in case (including ß and SS) or are canonically equivalent, which is how
  /// Swift compares strings.
  static func folded(_ name: String) -> String {
    var name = name
    return name.withUTF8(foldedASCII) ?? name.uppercased().lowercased()
  }

  /// Returns the key of an ASCII name, which most names are; nil for others.
  private static func foldedASCII(_ name: UnsafeBufferPointer<UInt8>) -> String? {
    if name.contains(where: { $0 >= 0x80 }) { return nil }
    return String(unsafeUninitializedCapacity: name.count) { folded in
      for (index, byte) in name.enumerated() {
        let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        folded[index] = isUpper ? byte | 0x20 : byte
      }
      return name.count
    }
  }
}
