internal import Linux
package import Manifest
package import ReleaseModel
internal import StoreSupport
package import Text

extension ManifestFiles {
  /// Compares every file, directory and link of a release with its manifest, including the content.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - ignored: the paths whose differences are ignored.
  /// - Returns: the differences.
  /// - Throws: an error when the release or its manifest can't be read.
  package func verify(
    _ id: ReleaseID, ignoring ignored: [Glob]
  ) throws(ReleasesError) -> Verification {
    var result = Verification(id: id)
    switch try manifest(of: id) {
    case .unusable(let why): result.unreadable = why
    case .found(let manifest):
      let comparison = TreeComparison(manifest: manifest, ignored: ignored)
      do throws(SystemError) {
        return try comparison.run(on: try store.releases.openDirectory(id.text), result)
      } catch {
        result.unreadable = try reasonForMissing(id, error)
      }
    }
    return result
  }

  /// Compares types, modes, sizes and link targets with the manifest, without reading content.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - ignored: the paths whose differences are ignored.
  /// - Returns: what is missing or modified, one line each.
  /// - Throws: an error when the release or its manifest can't be read.
  package func quickCheck(
    _ id: ReleaseID, ignoring ignored: [Glob]
  ) throws(ReleasesError) -> [Message] {
    var check: QuickCheck?
    var failure: SystemError?
    do throws(SystemError) {
      check = QuickCheck(try store.releases.openDirectory(id.text), ignored)
    } catch {
      failure = error
    }
    // A manifest that can't be used is reported first, whatever else is wrong.
    if case .unusable(let why) = try read(id, { check?.take($0) }) { return [why] }
    if let failure { return [try reasonForMissing(id, failure)] }
    do throws(SystemError) {
      return try check?.finish(Verification(id: id))?.summary ?? [notUnderstood(id)]
    } catch {
      throw notCompared(id, error)
    }
  }

  /// Returns the message for a release that has no directory, and throws any other failure.
  ///
  /// - Throws: an error for any other failure.
  private func reasonForMissing(
    _ id: ReleaseID, _ error: SystemError
  ) throws(ReleasesError) -> Message {
    guard error.errno == .noEntry || error.errno == .notADirectory else {
      throw notCompared(id, error)
    }
    return "the directory \(path: store.path(Layout.releases, id.text)) is missing"
  }

  private func notCompared(_ id: ReleaseID, _ error: SystemError) -> ReleasesError {
    ReleasesError("can't compare release \(id) with its manifest", error)
  }
}
