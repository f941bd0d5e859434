/// Rules for paths that the configuration names within a release.
enum SharedPaths {
  /// Why a path can't be shared; nil when it can.
  static func objection(to path: String) -> String? {
    // As bytes: to Swift a slash with a combining mark behind it is another character, to the
    // kernel it is a slash.
    if path.utf8.first == slash { return "must be relative to the release" }
    for component in components(path) {
      if component.elementsEqual("..".utf8) { return "must not have '..'" }
      if component.isEmpty || component.elementsEqual(".".utf8) {
        return "must have neither '.' nor empty components"
      }
    }
    return nil
  }

  /// The first path that is, or lies beneath, or holds another one before it in the list.
  static func conflict(
    in paths: [(value: String, position: YAMLPosition)]
  ) -> (later: (value: String, position: YAMLPosition), earlier: String)? {
    for (index, later) in paths.enumerated() {
      let components = components(later.value)
      let earlier = paths[..<index].first {
        zip(components, self.components($0.value)).allSatisfy { $0.elementsEqual($1) }
      }
      if let earlier { return (later, earlier.value) }
    }
    return nil
  }

  private static let slash = UInt8(ascii: "/")

  private static func components(_ path: String) -> [Substring.UTF8View] {
    path.utf8.split(separator: slash, omittingEmptySubsequences: false)
  }
}
