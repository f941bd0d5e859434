internal import Manifest
internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The report of `verify`: the differences of each release.
struct VerifyReport: Encodable, Sendable {
  struct Release: Encodable, Sendable {
    let id: String
    let whole: Bool
    let modified: [Message]
    let missing: [Message]
    let added: [Message]
    let touched: [Message]
    /// What changed in each file of `modified`, by its path.
    let details: [String: Message]
    /// Why the release could not be verified; nil when it was.
    @OrNull var problem: Message?
  }

  var schema = 1
  let releases: [Release]

  /// - Parameters:
  ///   - results: the differences of each release.
  ///   - strict: whether added files and different times count as well.
  init(_ results: [Verification], strict: Bool) {
    releases = results.map {
      let modified = Self.distinct($0.modified.map(\.path))
      return Release(
        id: $0.id.text, whole: strict ? $0.isIdentical : $0.isIntact,
        modified: modified, missing: Self.distinct($0.missing), added: Self.distinct($0.added),
        touched: Self.distinct($0.touched),
        details: Dictionary(
          zip(modified.map(\.text), $0.modified.map { Message($0.change) }),
          uniquingKeysWith: { first, _ in first }),
        problem: $0.unreadable)
    }
  }

  /// Returns the paths as they may be shown. Those that masking made equal get a number.
  private static func distinct(_ paths: [String]) -> [Message] {
    var used: Set<String> = []
    // Thousands of names may become equal.
    var counts: [String: Int] = [:]
    return paths.map { path in
      let plain = Message(path)
      let text = plain.text
      var (name, number) = (plain, counts[text] ?? 1)
      while !used.insert(name.text).inserted {
        number += 1
        // The number must not be taken for a part of the secret.
        name = Message(verbatim: "\(text) (\(number))")
      }
      counts[text] = number
      return name
    }
  }

  func text(_ style: Style) -> String {
    let width = releases.map(\.id.count).max() ?? 0
    return releases.map { release in
      var found = [Field("problem", release.problem)]
      found += release.missing.map { Field("missing", $0) }
      found += release.modified.map {
        Field("modified", "\($0): \(release.details[$0.text] ?? "")")
      }
      found += release.added.map { Field("added", $0) }
      found += release.touched.map { Field("touched", $0) }
      let result =
        release.whole
        ? Emphasis.good.apply("ok", style)
        : Emphasis.trouble.apply(release.problem == nil ? "differs" : "not verified", style)
      let padding = String(repeating: " ", count: width - release.id.count)
      return "\(release.id)\(padding)  \(result)\n" + fieldText(found, style, indent: 2)
    }.joined()
  }
}
