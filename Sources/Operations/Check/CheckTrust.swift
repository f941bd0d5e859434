internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore

extension Check {
  /// What verifying a signature needs, where the configuration names allowed signers.
  func trust(_ store: Store) throws(ReleasesError) -> [Finding] {
    // A configuration that can't be read has been told of.
    guard let trust = (try? store.configuration())?.trust, let allowed = trust.allowedSigners
    else { return [] }
    var findings = [
      look("signatures are held against \(TrustFile.path(allowed, storePath: store.path))") {
        () throws(ReleasesError) in
        _ = try TrustFile.allowedSigners(trust, in: store.root, path: store.path)
      }
    ]
    if let revoked = trust.revokedKeys {
      findings.append(
        look("revoked keys are in \(TrustFile.path(revoked, storePath: store.path))") {
          () throws(ReleasesError) in
          _ = try TrustFile.revokedKeys(trust, in: store.root, path: store.path)
        })
    }
    findings.append(
      look("\(SignatureVerifier.tool) is there") {
        () throws(ReleasesError) in _ = try SignatureVerifier.findTool()
      })
    return findings
  }

  private func look(_ message: String, _ body: () throws(ReleasesError) -> Void) -> Finding {
    do throws(ReleasesError) {
      try body()
      return finding("trust", .ok, message)
    } catch {
      return problem(error)
    }
  }
}
