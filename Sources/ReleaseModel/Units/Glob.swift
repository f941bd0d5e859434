/// A pattern for relative paths, such as `**/__pycache__/**` or `logs/*.log`.
///
/// A component `**` stands for any number of components, none included, so that `a/**` names the
/// directory `a` and all beneath it. Within a component `*` stands for any characters, `?` for one,
/// `[a-z_]` for one of these and `[!a-z_]` for one that is none of these; a backslash takes the next
/// character's special meaning away. Names that begin with a dot are nothing special. The whole
/// path must match. Characters are Unicode scalars.
package struct Glob: Hashable, Sendable {
  /// As it was written.
  package let pattern: String
  private let components: [Component]

  /// Nil for what could never match a relative path: an empty pattern or component, `.`, `..`, a
  /// slash at either end; and for an unfinished `[` or backslash.
  package init?(parsing pattern: String) {
    var components: [Component] = []
    // Split as scalars: a slash with a combining mark behind it is still a slash to the kernel.
    for part in pattern.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false) {
      guard let component = Component(part) else { return nil }
      // "**/**" says no more than "**".
      if component == .anyPath, components.last == .anyPath { continue }
      components.append(component)
    }
    self.pattern = pattern
    self.components = components
  }

  /// Whether the whole path matches; its components are joined by single slashes.
  ///
  /// Takes time in proportion to the lengths of pattern and path multiplied, at worst.
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

/// What stands for a single character of a name, or for any number of them.
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

  /// Reads a set behind its opening bracket, see glob(7).
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Token? {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let negated = rest.first == "!" || rest.first == "^"
    if negated { rest.removeFirst() }
    while let low = rest.popFirst() {
      // A closing bracket in the first place is a member.
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

/// Matches elements one by one against a pattern in which stars stand for any number of elements.
///
/// Only the last star is ever tried again: what matched before it, matched as early as it could,
/// and so leaves the most for the rest. That makes the worst case a product, not a power.
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
