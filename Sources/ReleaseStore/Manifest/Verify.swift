internal import Archive
internal import Linux

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

  /// All that was published is there as it was published.
  package var isWhole: Bool { modified.isEmpty && missing.isEmpty && unreadable == nil }
  /// And nothing besides, with the times it had.
  package var isStrictlyWhole: Bool { isWhole && added.isEmpty && touched.isEmpty }

  var summary: [String] {
    (unreadable.map { [$0] } ?? []) + missing.map { "\($0) is missing" }
      + modified.map(\.description)
  }
}

extension Store {
  /// Compares every file, directory and link of a release with its manifest, content included.
  package func verify(
    _ id: ReleaseID, _ configuration: Configuration
  ) throws(ReleasesError) -> Verification {
    var result = Verification(id: id)
    switch try manifest(of: id) {
    case .unusable(let why): result.unreadable = why
    case .found(let manifest):
      let comparison = TreeComparison(manifest: manifest, ignored: configuration.verify.ignore)
      do throws(SystemError) {
        return try comparison.run(on: try releases.openDirectory(id.text), result)
      } catch {
        result.unreadable = try whyNotOpened(id, error)
      }
    }
    return result
  }

  /// What is missing, of another kind, size or mode, or leads elsewhere, without reading content.
  func quickCheck(
    _ id: ReleaseID, _ configuration: Configuration
  ) throws(ReleasesError) -> [String] {
    var check: QuickCheck?
    var failure: SystemError?
    do throws(SystemError) {
      check = QuickCheck(try releases.openDirectory(id.text), configuration.verify.ignore)
    } catch {
      failure = error
    }
    // A manifest that can't be used is told of first, whatever else there is.
    if case .unusable(let why) = try readManifest(of: id, { check?.take($0) }) { return [why] }
    if let failure { return [try whyNotOpened(id, failure)] }
    do throws(SystemError) {
      return try check?.finish(Verification(id: id))?.summary ?? [notUnderstood(id)]
    } catch {
      throw notCompared(id, error)
    }
  }

  /// For people, where it is no failure of the host.
  private func whyNotOpened(_ id: ReleaseID, _ error: SystemError) throws(ReleasesError) -> String {
    guard error.errno == .noEntry || error.errno == .notADirectory else {
      throw notCompared(id, error)
    }
    return "the directory \(path(Layout.releases, id.text)) is not there"
  }

  private func notCompared(_ id: ReleaseID, _ error: SystemError) -> ReleasesError {
    ReleasesError("can't compare release \(id) with its manifest", error)
  }
}
