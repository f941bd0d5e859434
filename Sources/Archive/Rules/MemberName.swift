/// Names of members, taken apart and checked.
enum MemberName {
  /// In bytes: NAME_MAX.
  static let componentLimit = 255
  /// In bytes: PATH_MAX without its NUL.
  static let pathLimit = 4095

  /// The components without `.` and doubled slashes; none for the top itself.
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
      if text == "." { continue }
      if text == ".." { throw ArchiveError(.rejected(.parentComponent)) }
      if part.count > componentLimit { throw ArchiveError(.rejected(.nameTooLong)) }
      components.append(text)
    }
    if components.count > limits.depth { throw ArchiveError(.rejected(.tooDeep)) }
    return components
  }

  /// Equal for names that some file system takes for one: other case (ß and SS included), or
  /// canonically equivalent, which is how Swift compares strings.
  static func folded(_ name: String) -> String { name.uppercased().lowercased() }
}
