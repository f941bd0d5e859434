internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Check {
  /// Reports whether signatures can be verified, if the configuration names allowed signers.
  ///
  /// - Throws: no error; all checks have the same type.
  func trust(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    guard let trust = (try? store.configuration())?.trust, let allowed = trust.allowedSigners
    else { return [] }
    var findings = [
      finding("signatures are verified with \(TrustFile.path(allowed, storePath: store.path))") {
        () throws(ReleasesError) in
        _ = try TrustFile.allowedSigners(trust, in: store.root, path: store.path)
      }
    ]
    if let revoked = trust.revokedKeys {
      findings.append(
        finding("revoked keys are in \(TrustFile.path(revoked, storePath: store.path))") {
          () throws(ReleasesError) in
          _ = try TrustFile.revokedKeys(trust, in: store.root, path: store.path)
        })
    }
    findings.append(
      finding("\(SignatureVerifier.tool) is installed") {
        () throws(ReleasesError) in _ = try SignatureVerifier.findTool()
      })
    return findings
  }

  /// Makes a finding of whether `body` succeeds.
  private func finding(
    _ message: Message, _ body: () throws(ReleasesError) -> Void
  ) -> Finding {
    do throws(ReleasesError) {
      try body()
      return finding("trust", .ok, message)
    } catch {
      return problem(error)
    }
  }
}
