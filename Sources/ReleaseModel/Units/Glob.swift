/// A glob is a pattern for relative paths, such as `**/__pycache__/**` or `logs/*.log`.
///
/// A component `**` matches any number of components, including none, so that `a/**` matches the
/// directory `a` and everything beneath it. Within a component, `*` matches any characters, `?`
/// matches one character, `[a-z_]` matches one of these characters, and `[!a-z_]` matches one
/// character that is not among them. A backslash escapes the next character. Names that begin with
/// a dot are not special. The whole path must match. Characters are Unicode scalars.
package struct Glob: Hashable, Sendable {
  /// The pattern as it was written.
  package let pattern: String
  private let components: [Component]

  /// Parses a pattern. The result is nil for a pattern that could never match a relative path (with
  /// an empty component, `.`, `..`, or a slash at either end), and for an unfinished `[` or
  /// backslash.
  package init?(parsing pattern: String) {
    var components: [Component] = []
    // The pattern is split as scalars: to the kernel, a slash before a combining mark is a slash.
    for part in pattern.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false) {
      guard let component = Component(part) else { return nil }
      // "**/**" is equivalent to "**".
      if component == .anyPath, components.last == .anyPath { continue }
      components.append(component)
    }
    self.pattern = pattern
    self.components = components
  }

  /// Whether the whole path matches. Its components must be separated by single slashes.
  ///
  /// The time is at most proportional to the product of the lengths of pattern and path.
  package func matches(_ path: String) -> Bool {
    let names = path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
    return matchesSequence(names, components, isStar: { $0 == .anyPath }) { name, component in
      guard case .name(let tokens) = component else { return false }
      return matchesSequence(name, tokens, isStar: { $0 == .anyText }) { $1.matches($0) }
    }
  }
}

/// One component of a pattern.
private enum Component: Hashable, Sendable {
  case anyPath
  case name([Token])

  init?(_ text: Substring.UnicodeScalarView) {
    switch String(text) {
    case "", ".", "..": return nil
    case "**": self = .anyPath
    default:
      var rest = text
      var tokens: [Token] = []
      while let first = rest.popFirst() {
        guard let token = Token(first, &rest) else { return nil }
        if token == .anyText, tokens.last == .anyText { continue }
        tokens.append(token)
      }
      self = .name(tokens)
    }
  }
}

/// A part of a component that matches one character, or any number of characters.
private enum Token: Hashable, Sendable {
  case anyText
  case anyCharacter
  case literal(Unicode.Scalar)
  case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)

  init?(_ first: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView) {
    switch first {
    case "*": self = .anyText
    case "?": self = .anyCharacter
    case "[":
      guard let token = Token.set(&rest) else { return nil }
      self = token
    case "\\":
      guard let next = rest.popFirst() else { return nil }
      self = .literal(next)
    default: self = .literal(first)
    }
  }

  /// Parses a set after its opening bracket; see glob(7).
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Token? {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let negated = rest.first == "!" || rest.first == "^"
    if negated { rest.removeFirst() }
    while let low = rest.popFirst() {
      // A closing bracket in the first position is a member of the set.
      if low == "]", !ranges.isEmpty { return .oneOf(ranges, negated: negated) }
      var high = low
      if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
        high = end
        rest.removeFirst(2)
      }
      guard low <= high else { return nil }
      ranges.append(low...high)
    }
    return nil
  }

  func matches(_ character: Unicode.Scalar) -> Bool {
    switch self {
    case .anyText: false
    case .anyCharacter: true
    case .literal(let literal): literal == character
    case .oneOf(let ranges, let negated): ranges.contains { $0.contains(character) } != negated
    }
  }
}

/// Matches elements one by one against a pattern in which a star matches any number of elements.
///
/// The search only backtracks to the last star: everything before it matched as early as possible,
/// which leaves the most elements for the rest. The worst case is therefore a product, not a power.
private func matchesSequence<Text: Collection, Part>(
  _ text: Text, _ pattern: [Part], isStar: (Part) -> Bool, matches: (Text.Element, Part) -> Bool
) -> Bool {
  var position = text.startIndex
  var next = 0
  var star: (next: Int, position: Text.Index)?
  while position != text.endIndex {
    if next < pattern.count, isStar(pattern[next]) {
      next += 1
      star = (next, position)
    } else if next < pattern.count, matches(text[position], pattern[next]) {
      next += 1
      position = text.index(after: position)
    } else if let last = star {
      position = text.index(after: last.position)
      star = (last.next, position)
      next = last.next
    } else {
      return false
    }
  }
  return pattern[next...].allSatisfy(isStar)
}
