internal import Archive
internal import Linux
package import Manifest
package import ReleaseModel
internal import StoreSupport
package import Text

/// The manifests in `.releases/manifests`: one file per release.
package struct ManifestFiles: Sendable {
  let store: Store
}

extension Store {
  /// The manifests.
  package var manifests: ManifestFiles { ManifestFiles(store: self) }
}

extension ManifestFiles {
  /// The result of reading the manifest of a release.
  package enum Lookup: Sendable {
    case found(Manifest)
    /// The manifest can't be used. The text says why.
    case unusable(Message)
  }

  /// The result of reading the text of a manifest.
  enum Reading: Sendable {
    /// The text was read. It is checked if the catalog contains its digest.
    case read(isChecked: Bool)
    /// The manifest can't be used. The text says why.
    case unusable(Message)
  }

  /// Reads the manifest of a release, and checks it against the digest in the catalog.
  ///
  /// - Throws: an error when the file or the catalog entry can't be read.
  package func manifest(of id: ReleaseID) throws(ReleasesError) -> Lookup {
    var reader = ManifestReader()
    switch try read(id, { reader.take($0) }) {
    case .unusable(let why): return .unusable(why)
    case .read:
      guard let manifest = reader.finish() else { return .unusable(notUnderstood(id)) }
      return .found(manifest)
    }
  }

  /// Reads the text of a manifest; nil when the catalog does not contain its digest.
  ///
  /// - Throws: an error when the file or the catalog entry can't be read.
  package func checkedText(of id: ReleaseID) throws(ReleasesError) -> [UInt8]? {
    // A file that is not the manifest may be large, and takes no memory in the first pass.
    guard case .read(isChecked: true) = try read(id, { _ in }) else { return nil }
    var text: [UInt8] = []
    let reading = try read(id) { text.append(contentsOf: $0) }
    if case .read(isChecked: true) = reading { return text }
    return nil
  }

  /// Reads the bytes of a manifest without checking them; nil when there is none.
  ///
  /// - Throws: an error when the file can't be read.
  package func uncheckedBytes(of id: ReleaseID) throws(ReleasesError) -> [UInt8]? {
    let directory = try store.controlDirectory(Layout.manifests)
    return try withErrorMessage("can't read the manifest of \(id)") { () throws(SystemError) in
      do throws(SystemError) {
        return try directory.readStoreFile(Layout.manifestFile(id), .manifest)
      } catch let error where error.errno == .noEntry {
        return nil
      }
    }
  }

  /// Returns the message for a manifest that ``Manifest/encoded()`` would not have written.
  func notUnderstood(_ id: ReleaseID) -> Message {
    "its manifest \(path: path(of: id)) is malformed"
  }

  /// Reads the text of a manifest, and compares its digest with the one in the catalog.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - take: receives the text piece by piece, before its digest has been checked.
  /// - Returns: whether the text is usable.
  /// - Throws: an error when the file or the catalog entry can't be read.
  func read(
    _ id: ReleaseID, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(ReleasesError) -> Reading {
    let expected: String?
    switch try store.catalog.entry(id) {
    // Its manifest is about to be written again, and may have been already.
    case .found(let entry): expected = entry.state == .preparing ? nil : entry.manifestDigest
    case .absent: return .unusable("it has no catalog entry")
    case .corrupt: return .unusable("its catalog entry is corrupt")
    }
    let file = path(of: id)
    let digest: Digest
    do throws(SystemError) {
      let directory = try store.control.openDirectory(Layout.manifests)
      digest = try directory.openStoreFile(Layout.manifestFile(id), .manifest)
        .digestOfContent(ReadBuffer(), take)
    } catch let error where error.errno == .noEntry {
      return .unusable("its manifest \(path: file) is missing")
    } catch let error where error.isUnusableFile {
      return .unusable("its manifest \(path: file) can't be read: \(error.errno)")
    } catch {
      throw ReleasesError("can't read the manifest of \(id)", error)
    }
    if let expected, digest.hex != expected {
      return .unusable("its manifest \(path: file) is corrupt")
    }
    return .read(isChecked: expected != nil)
  }

  private func path(of id: ReleaseID) -> String {
    "\(Layout.control)/\(Layout.manifests)/\(Layout.manifestFile(id))"
  }
}
