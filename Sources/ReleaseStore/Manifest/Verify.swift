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
    try compare(id, configuration, readingContent: true)
  }

  /// What is missing or has another size or kind, without reading any content.
  func quickCheck(
    _ id: ReleaseID, _ configuration: Configuration
  ) throws(ReleasesError) -> [String] {
    try compare(id, configuration, readingContent: false).summary
  }

  private func compare(
    _ id: ReleaseID, _ configuration: Configuration, readingContent: Bool
  ) throws(ReleasesError) -> Verification {
    var result = Verification(id: id)
    let manifest: Manifest
    switch try self.manifest(of: id) {
    case .found(let found): manifest = found
    case .unusable(let why):
      result.unreadable = why
      return result
    }
    let comparison = TreeComparison(
      manifest: manifest, ignored: configuration.verify.ignore,
      readsContent: readingContent)
    do throws(SystemError) {
      return try comparison.run(on: try releases.openDirectory(id.text), result)
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      result.unreadable = "the directory \(path(Layout.releases, id.text)) is not there"
      return result
    } catch {
      throw ReleasesError("can't compare release \(id) with its manifest", error)
    }
  }

  enum ManifestLookup: Sendable {
    case found(Manifest)
    case unusable(String)
  }

  /// Reads a release's manifest and checks it against what the catalog says of it.
  func manifest(of id: ReleaseID) throws(ReleasesError) -> ManifestLookup {
    switch try manifestText(of: id) {
    case .found(let bytes, _):
      if let manifest = Manifest(decoding: bytes) { return .found(manifest) }
      return .unusable("its manifest \(manifestPath(id)) can't be understood")
    case .unusable(let why): return .unusable(why)
    }
  }

  private func manifestPath(_ id: ReleaseID) -> String {
    "\(Layout.control)/\(Layout.manifests)/\(Layout.manifestFile(id))"
  }

  enum ManifestText: Sendable {
    /// - Parameter isChecked: the catalog knows its digest, and it is this one.
    case found([UInt8], isChecked: Bool)
    case unusable(String)
  }

  /// Like ``manifest(of:)``, as it is on the disk.
  func manifestText(of id: ReleaseID) throws(ReleasesError) -> ManifestText {
    let expected: String?
    switch try catalogEntry(id) {
    // Its manifest is about to be written again, and may be already.
    case .found(let entry): expected = entry.state == .preparing ? nil : entry.manifestDigest
    case .absent: return .unusable("nothing is known of it")
    case .damaged: return .unusable("what was known of it is damaged")
    }
    let file = manifestPath(id)
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try control.openBeneath(
        "\(Layout.manifests)/\(Layout.manifestFile(id))", [.noFollow, .nonBlocking]
      ).readAll()
    } catch let error where error.errno == .noEntry {
      return .unusable("its manifest \(file) is missing")
    } catch let error where [.inputOutput, .isADirectory, .tooManyLinks].contains(error.errno) {
      return .unusable("its manifest \(file) can't be read: \(error.errno)")
    } catch {
      throw ReleasesError("can't read the manifest of \(id)", error)
    }
    if let expected, SHA256.digest(of: bytes).hex != expected {
      return .unusable("its manifest \(file) is damaged")
    }
    return .found(bytes, isChecked: expected != nil)
  }
}
