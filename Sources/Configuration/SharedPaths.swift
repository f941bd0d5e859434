/// The rules for the shared paths in the configuration.
enum SharedPaths {
  /// Returns why a path can't be shared; nil when it can.
  static func problem(with path: String) -> String? {
    // The path is compared as bytes: Swift does not find a slash that a combining mark follows, but
    // to the kernel it is a slash.
    if path.utf8.first == slash { return "must be relative to the release" }
    for component in components(path) {
      if component.elementsEqual("..".utf8) { return "must not contain '..'" }
      if component.isEmpty || component.elementsEqual(".".utf8) {
        return "must not contain '.' or empty components"
      }
    }
    return nil
  }

  /// Finds the first path that equals, contains or lies beneath an earlier path of the list.
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
