internal import Archive
internal import Linux

/// A release's manifest, or why it can't be used, for people.
enum ManifestLookup: Sendable {
  case found(Manifest)
  case unusable(String)
}

/// How the reading of a manifest's text went.
enum ManifestReading: Sendable {
  /// - Parameter isChecked: the catalog knows its digest, and it is this one.
  case read(isChecked: Bool)
  case unusable(String)
}

extension Store {
  /// Reads a release's manifest and checks it against what the catalog says of it.
  func manifest(of id: ReleaseID) throws(ReleasesError) -> ManifestLookup {
    var reader = ManifestReader()
    switch try readManifest(of: id, { reader.take($0) }) {
    case .unusable(let why): return .unusable(why)
    case .read:
      guard let manifest = reader.finish() else { return .unusable(notUnderstood(id)) }
      return .found(manifest)
    }
  }

  /// Like ``manifest(of:)``, as text. Whoever has none that the catalog vouches for gets none.
  func checkedManifestText(of id: ReleaseID) throws(ReleasesError) -> [UInt8]? {
    var text: [UInt8] = []
    let reading = try readManifest(of: id) { text.append(contentsOf: $0) }
    if case .read(isChecked: true) = reading { return text }
    return nil
  }

  /// Why a manifest can't be used that ``Manifest/encoded()`` would not have written.
  func notUnderstood(_ id: ReleaseID) -> String {
    "its manifest \(manifestPath(id)) can't be understood"
  }

  /// - Parameter take: gets the text piece by piece, before it is known to be what the catalog
  ///   vouches for.
  func readManifest(
    of id: ReleaseID, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(ReleasesError) -> ManifestReading {
    let expected: String?
    switch try catalogEntry(id) {
    // Its manifest is about to be written again, and may be already.
    case .found(let entry): expected = entry.state == .preparing ? nil : entry.manifestDigest
    case .absent: return .unusable("nothing is known of it")
    case .damaged: return .unusable("what was known of it is damaged")
    }
    let file = manifestPath(id)
    let digest: Digest
    do throws(SystemError) {
      digest = try control.openBeneath(
        "\(Layout.manifests)/\(Layout.manifestFile(id))", [.noFollow, .nonBlocking]
      ).digestOfContent(ReadingRoom(), take)
    } catch let error where error.errno == .noEntry {
      return .unusable("its manifest \(file) is missing")
    } catch let error where [.inputOutput, .isADirectory, .tooManyLinks].contains(error.errno) {
      return .unusable("its manifest \(file) can't be read: \(error.errno)")
    } catch {
      throw ReleasesError("can't read the manifest of \(id)", error)
    }
    if let expected, digest.hex != expected {
      return .unusable("its manifest \(file) is damaged")
    }
    return .read(isChecked: expected != nil)
  }

  private func manifestPath(_ id: ReleaseID) -> String {
    "\(Layout.control)/\(Layout.manifests)/\(Layout.manifestFile(id))"
  }
}
