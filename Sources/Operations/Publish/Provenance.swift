internal import Archive
internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore

/// Checks that an archive comes with the proof that the configuration requires.
struct Provenance {
  let store: Store

  /// Refuses an archive with less proof than required.
  private func refuseUnproven(
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
          "give it with --sha256; it is printed where the archive was made by",
          shell: "sha256sum ARCHIVE"))
    case .signature:
      throw ReleasesError(
        .signatureRequired, "\(file) requires the signature of an archive (trust.require)",
        hint: Hint(
          "give it with --signature ARCHIVE.sig; sign the archive",
          shell: "ssh-keygen -Y sign -n \(configuration.trust.namespace) -f KEY ARCHIVE"))
    }
  }

  /// Checks a signature as far as that is possible without the archive.
  ///
  /// - Throws: the reason why the archive would be rejected.
  func check(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    try refuseUnproven(request, configuration)
    guard let signature = request.signature else { return }
    _ = try verifier(signature, configuration).findIdentity()
  }

  /// Does the same, and begins to verify the archive.
  ///
  /// - Returns: nil when there is no signature.
  /// - Throws: the reason why the archive is rejected.
  func beginVerification(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) -> SignatureVerification? {
    try refuseUnproven(request, configuration)
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
  /// - Returns: the result, and the signer; nil when there is no signature to verify.
  /// - Throws: the reason why the archive is rejected.
  func unpack(
    from archive: borrowing Descriptor, into tree: borrowing Descriptor,
    expecting expected: ExpectedArchive, verifying verification: SignatureVerification?
  ) throws(ReleasesError) -> (result: UnpackResult, signer: Signer?) {
    var unpacker = self
    if let verification { unpacker.sinks.append(verification.sink) }
    let result: UnpackResult
    do throws(ArchiveError) {
      result = try unpacker.unpack(from: archive, into: tree)
      try expected.check(result)
    } catch {
      // ssh-keygen had ended, so its reason is the better one.
      if let verification, verification.sink.isLost { _ = try verification.signer() }
      throw ReleasesError(error)
    }
    return (result, try verification?.signer())
  }
}
