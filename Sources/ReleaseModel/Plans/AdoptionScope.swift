internal import FoundationEssentials

/// Decides which directories in `releases/` an adoption takes without being asked.
///
/// It takes a directory that is a release by what the store has recorded, or whose name is one that a
/// deploy workflow makes. Anything else may be notes or a backup, which a later prune must not remove.
package struct AdoptionScope: Sendable {
  /// The releases that `current` and `previous` point to or into.
  let linked: [ReleaseID]
  /// The releases that the store has recorded: in the catalog, by a manifest, or in the history.
  let recorded: Set<ReleaseID>
  /// The directories that the operator has named.
  let named: Set<ReleaseID>
  private let shapes: [NameShape]

  /// - Parameters:
  ///   - linked: the releases that the links point to or into.
  ///   - recorded: the releases that the store has recorded.
  ///   - named: the directories that the operator has named.
  package init(
    linked: [ReleaseID], recorded: Set<ReleaseID> = [], named: Set<ReleaseID> = []
  ) {
    self.linked = linked
    self.recorded = recorded
    self.named = named
    shapes = linked.map { NameShape(of: $0.text) }
  }

  /// Whether a directory with this name is adopted.
  package func includes(_ id: ReleaseID) -> Bool {
    if id.timestamp != nil || linked.contains(id) || recorded.contains(id) || named.contains(id) {
      return true
    }
    return zip(linked, shapes).contains { linked, shape in
      // Digits that have the form of a date must be one, if those of the linked release are.
      shape.matches(id.text) && (linked.calendarDigits == nil || linked.timestamp == nil)
    }
  }
}

extension ReleaseID {
  /// The Unix time that the ID is or spells, in UTC, as deploy workflows write it: a Unix time of 9 to
  /// 11 digits, or year to second in 14 digits with an optional `Z`; nil for any other name, such as
  /// 14 digits that are no date.
  package var timestamp: Int64? {
    if let unixSeconds { return unixSeconds }
    // No workflow is likely to have made a release in a leap second.
    guard let calendarDigits, !calendarDigits.suffix(2).elementsEqual("60".utf8) else { return nil }
    var text = ""
    for (place, digit) in calendarDigits.enumerated() {
      text += [4: "-", 6: "-", 8: "T", 10: ":", 12: ":"][place] ?? ""
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return Date(rfc3339: text + "Z").map { Int64($0.timeIntervalSince1970) }
  }

  fileprivate var calendarDigits: Substring.UTF8View? {
    var digits = text.utf8[...]
    if digits.last == UInt8(ascii: "Z") { digits.removeLast() }
    return digits.count == 14 && digits.allSatisfy(\.isDigit) ? digits : nil
  }
}

extension History {
  /// The releases whose last publication or removal in the history is a publication.
  package var published: Set<ReleaseID> {
    var published: Set<ReleaseID> = []
    for entry in entries where entry.outcome != .undone && entry.outcome != .failed {
      guard let id = entry.id else { continue }
      if entry.operation == .publish { published.insert(id) }
      if entry.operation == .remove { published.remove(id) }
    }
    return published
  }
}

/// The shape of a name: what it has in common with the other names that the same workflow makes.
///
/// Words must be equal, so that `release-7` has the shape of `release-12`, and `backup-7` does not.
/// Short numbers may have any length, as in versions, except that years have four digits; longer ones
/// are dates or build numbers of a fixed length. Seven or more hexadecimal digits are the abbreviation
/// of a commit.
struct NameShape {
  private enum Part: Equatable {
    case text([UInt8])
    case number([UInt8])
    case hexadecimal(ofLength: Int)

    /// Whether a part of another name could stand in the place of this one.
    func accepts(_ other: Part) -> Bool {
      guard case .number(let digits) = self, case .number(let others) = other else {
        return self == other
      }
      return NameShape.hasFixedLength(digits)
        ? others.count == digits.count : others.count < NameShape.fixedLength
    }
  }

  /// The length from which all numbers of a workflow have the same length.
  private static let fixedLength = 6

  private static func hasFixedLength(_ digits: [UInt8]) -> Bool {
    let isYear =
      digits.count == 4 && (digits.starts(with: "19".utf8) || digits.starts(with: "20".utf8))
    return isYear || digits.count >= fixedLength
  }
  private static let shortestCommit = 7

  private let parts: [Part]

  init(of name: String) {
    parts = Self.components(of: name).flatMap { component in
      Self.isCommit(component)
        ? [Part.hexadecimal(ofLength: component.count)] : Self.runs(of: component)
    }
  }

  /// Whether a name could have been made by the same workflow.
  func matches(_ name: String) -> Bool {
    if accepts(NameShape(of: name)) { return true }
    // An abbreviation may happen to consist of digits alone.
    guard parts.contains(where: { if case .hexadecimal = $0 { true } else { false } }) else {
      return false
    }
    let components = Self.components(of: name)
    return accepts(NameShape(components, likeCommitsOf: parts))
  }

  private func accepts(_ other: NameShape) -> Bool {
    parts.count == other.parts.count && zip(parts, other.parts).allSatisfy { $0.accepts($1) }
  }

  /// Reads components, of which every one that can be a commit of a length in `parts` counts as one.
  private init(_ components: [[UInt8]], likeCommitsOf parts: [Part]) {
    self.parts = components.flatMap { component in
      let part = Part.hexadecimal(ofLength: component.count)
      // A name of letters alone is more often a word, such as "defaced".
      let isCommit =
        parts.contains(part) && component.allSatisfy(\.isHexadecimal)
        && component.contains(where: \.isDigit)
      return isCommit ? [part] : Self.runs(of: component)
    }
  }

  /// Splits a name before and after each dot, hyphen and underscore.
  private static func components(of name: String) -> [[UInt8]] {
    var components: [[UInt8]] = [[]]
    for byte in name.utf8 {
      if ".-_".utf8.contains(byte) {
        components += [[byte], []]
      } else {
        components[components.count - 1].append(byte)
      }
    }
    return components.filter { !$0.isEmpty }
  }

  /// Whether a component is probably the abbreviation of a commit: it has digits and letters.
  private static func isCommit(_ component: [UInt8]) -> Bool {
    component.count >= shortestCommit && component.allSatisfy(\.isHexadecimal)
      && component.contains(where: \.isDigit) && !component.allSatisfy(\.isDigit)
  }

  /// Splits a component into numbers and the text between them.
  private static func runs(of component: [UInt8]) -> [Part] {
    var runs: [[UInt8]] = []
    for byte in component {
      if let last = runs.last?.last, last.isDigit == byte.isDigit {
        runs[runs.count - 1].append(byte)
      } else {
        runs.append([byte])
      }
    }
    return runs.map { $0[0].isDigit ? .number($0) : .text($0) }
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
  fileprivate var isHexadecimal: Bool { isDigit || (0x61...0x66).contains(self) }
}
