internal import Archive
internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Checks that an archive comes with the digest or signature that the configuration requires.
struct Provenance {
  let store: Store

  /// Refuses an archive without the digest or signature that is required.
  ///
  /// - Throws: `archiveRejected` without the digest, `signatureRequired` without the signature.
  private func refuseWithoutProof(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    if request.signature != nil { return }
    let file = store.path(Layout.configuration)
    switch configuration.trust.require {
    case .none: return
    case .digest:
      if request.expected.digest != nil { return }
      throw ReleasesError(
        .archiveRejected, "\(file) requires the digest of an archive (trust.require)",
        hint: Hint(
          "pass it with --sha256, as computed where the archive was made",
          shell: "sha256sum \(request.archiveName?.shellQuoted ?? "ARCHIVE")"))
    case .signature:
      throw ReleasesError(
        .signatureRequired, "\(file) requires the signature of an archive (trust.require)",
        hint: Hint(
          "pass it with --signature ARCHIVE.sig, after signing the archive",
          shell: "ssh-keygen -Y sign -n \(configuration.trust.namespace) -f KEY "
            + (request.archiveName?.shellQuoted ?? "ARCHIVE")))
    }
  }

  /// Checks what can be checked before the archive is read.
  ///
  /// - Throws: the reason why the archive would be rejected.
  func check(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    try refuseWithoutProof(request, configuration)
    guard let signature = request.signature else { return }
    _ = try verifier(signature, configuration).findIdentity()
  }

  /// Checks what can be checked before the archive is read, and starts to verify its signature.
  ///
  /// - Returns: the running verification; nil when there is no signature.
  /// - Throws: the reason why the archive is rejected.
  func beginVerification(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) -> SignatureVerification? {
    try refuseWithoutProof(request, configuration)
    guard let signature = request.signature else { return nil }
    let verifier = try verifier(signature, configuration)
    return try verifier.verify(as: try verifier.findIdentity())
  }

  private func verifier(
    _ signature: Signature, _ configuration: Configuration
  ) throws(ReleasesError) -> SignatureVerifier {
    try SignatureVerifier.make(
      signature, configuration.trust, store: store.root, path: store.path)
  }
}

extension SandboxedUnpacker {
  /// Unpacks an archive while its signature is verified.
  ///
  /// - Parameters:
  ///   - archive: the archive, from its current position.
  ///   - name: the name of the file; nil for standard input.
  ///   - tree: the directory to unpack into.
  ///   - expected: the digest and size that the archive must have.
  ///   - verification: the running verification; nil when there is no signature.
  ///   - store: the path of the store, for hints.
  /// - Returns: the result, and the signer; no signer when there is no signature.
  /// - Throws: the reason why the archive is rejected.
  func unpack(
    from archive: borrowing Descriptor, named name: String?, into tree: borrowing Descriptor,
    expecting expected: ExpectedArchive, verifying verification: SignatureVerification?,
    store: String
  ) throws(ReleasesError) -> (result: UnpackResult, signer: Signer?) {
    var unpacker = self
    if let verification { unpacker.sinks.append(verification.sink) }
    let result: UnpackResult
    do throws(ArchiveError) {
      result = try unpacker.unpack(from: archive, into: tree)
      try expected.check(result)
    } catch {
      // ssh-keygen has ended early, and its error explains why the sink was lost.
      if let verification, verification.sink.isLost { _ = try verification.signer() }
      throw ReleasesError(error, archive: name, limits: options.limits, store: store)
    }
    return (result, try verification?.signer())
  }
}
