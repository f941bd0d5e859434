internal import Linux
package import ReleaseModel

/// How a release's tree differs from its manifest. Paths are relative to the release.
package struct Verification: Sendable {
  /// One thing that is not as it was.
  package struct Difference: Equatable, Sendable {
    package let path: String
    /// Such as "mode 0644, was 0755".
    package let says: String

    package var description: String { "\(path): \(says)" }
  }

  package let id: ReleaseID
  package var modified: [Difference] = []
  package var missing: [String] = []
  package var added: [String] = []
  /// Only the time changed; counts with `--strict`.
  package var touched: [String] = []
  /// The manifest itself can't be used, and why.
  package var unreadable: String?

  package init(
    id: ReleaseID, modified: [Difference] = [], missing: [String] = [], added: [String] = [],
    touched: [String] = [], unreadable: String? = nil
  ) {
    self.id = id
    self.modified = modified
    self.missing = missing
    self.added = added
    self.touched = touched
    self.unreadable = unreadable
  }

  /// All that was published is there as it was published.
  package var isWhole: Bool { modified.isEmpty && missing.isEmpty && unreadable == nil }
  /// And nothing besides, with the times it had.
  package var isStrictlyWhole: Bool { isWhole && added.isEmpty && touched.isEmpty }

  package var summary: [String] {
    (unreadable.map { [$0] } ?? []) + missing.map { "\($0) is missing" }
      + modified.map(\.description)
  }
}
