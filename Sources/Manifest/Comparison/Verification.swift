package import ReleaseModel
package import Text

/// The differences between a release's tree and its manifest. Paths are relative to the release.
package struct Verification: Sendable {
  /// A modified file, directory or link.
  package struct Difference: Equatable, Sendable {
    package let path: String
    /// What changed, such as "has mode 0644, had 0755".
    package let change: String

    var description: Message { "\(path): \(change)" }
  }

  package let id: ReleaseID
  package var modified: [Difference] = []
  package var missing: [String] = []
  package var added: [String] = []
  /// The paths of which only the time differs, which counts with `--strict`.
  package var touched: [String] = []
  /// Why the release can't be compared with its manifest; nil when it can.
  package var unreadable: Message?

  package init(
    id: ReleaseID, modified: [Difference] = [], missing: [String] = [], added: [String] = [],
    touched: [String] = [], unreadable: Message? = nil
  ) {
    self.id = id
    self.modified = modified
    self.missing = missing
    self.added = added
    self.touched = touched
    self.unreadable = unreadable
  }

  /// Whether nothing is modified or missing.
  package var isIntact: Bool { modified.isEmpty && missing.isEmpty && unreadable == nil }
  /// Whether there is no difference; added paths and changed times count too.
  package var isIdentical: Bool { isIntact && added.isEmpty && touched.isEmpty }

  /// What is wrong with the release, one line each.
  package var summary: [Message] {
    (unreadable.map { [$0] } ?? []) + missing.map { "\($0) is missing" as Message }
      + modified.map(\.description)
  }
}
