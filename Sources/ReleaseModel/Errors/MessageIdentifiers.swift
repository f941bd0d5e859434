package import Text

// Interpolations whose identifiers are known by their type or their place, so that they are never
// masked.

extension Message.StringInterpolation {
  /// Adds the ID of a release.
  package mutating func appendInterpolation(_ id: ReleaseID) {
    appendInterpolation(verbatim: id.text)
  }

  /// Adds the name of an attempt.
  package mutating func appendInterpolation(_ token: AttemptToken) {
    appendInterpolation(verbatim: token.text)
  }

  /// Adds what a link points to: the ID of a release, or the path of a place that is no release.
  package mutating func appendInterpolation(place: String) {
    if ReleaseID(place) != nil {
      appendInterpolation(verbatim: place)
    } else {
      appendInterpolation(path: place)
    }
  }

  /// Adds a path. The path of a release, and of a file that the store made, is an identifier; names
  /// inside a release, in a stage, and elsewhere on the host are free text.
  package mutating func appendInterpolation(path: String) {
    let known = Layout.knownPrefix(ofPath: path)
    if !known.isEmpty { appendInterpolation(verbatim: known) }
    let rest = String(decoding: path.utf8.dropFirst(known.utf8.count), as: UTF8.self)
    if !rest.isEmpty { appendInterpolation(rest) }
  }

  /// Adds what a link points to. A name that reads like a word of the sentence is quoted, such as that of
  /// a link to "nothing".
  ///
  /// - Parameter target: the text of the link; nil for no link.
  package mutating func appendInterpolation(linkTarget target: String?) {
    guard let target else { return appendLiteral("nothing") }
    let quote = target.readsLikeWord ? "\"" : ""
    appendLiteral(quote)
    appendInterpolation(path: target)
    appendLiteral(quote)
  }

  /// Adds the release that a link names, quoted like the text of a link.
  package mutating func appendInterpolation(linkTarget id: ReleaseID) {
    let quote = id.text.readsLikeWord ? "\"" : ""
    appendInterpolation(verbatim: quote + id.text + quote)
  }
}

extension String {
  /// Whether the text has neither a digit nor a slash, which a path or an ID has.
  fileprivate var readsLikeWord: Bool {
    !utf8.contains {
      $0 == UInt8(ascii: "/") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
  }
}

extension Layout {
  /// Returns the beginning of a path in a store that consists of the store's own names; empty for any
  /// other path.
  fileprivate static func knownPrefix(ofPath path: String) -> String {
    let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    func prefix(_ count: Int) -> String { names.prefix(count).joined(separator: "/") }
    if let control = names.lastIndex(of: Layout.control) { return prefix(control + 3) }
    guard let releases = names.lastIndex(of: Layout.releases), releases + 1 < names.count,
      ReleaseID(names[releases + 1]) != nil
    else { return "" }
    return prefix(releases + 2)
  }
}
