internal import Archive
internal import Linux

extension Store {
  /// Refuses an archive that comes with less proof than the configuration asks for.
  func refuseUnproven(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    if request.signature != nil { return }
    let file = path(Layout.configuration)
    switch configuration.trust.require {
    case .none: return
    case .digest:
      if request.expected.digest != nil { return }
      throw ReleasesError(
        .archiveRejected, "\(file) takes no archive without its digest (trust.require)",
        hint: "say what sha256sum says where the archive was made: --sha256 HEX")
    case .signature:
      throw ReleasesError(
        .signatureRequired, "\(file) takes no archive without a signature (trust.require)",
        hint: "sign it: ssh-keygen -Y sign -n \(configuration.trust.namespace) -f KEY ARCHIVE;"
          + " then give --signature ARCHIVE.sig")
    }
  }

  /// Looks at a signature as far as that goes without the archive.
  func checkSignature(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    try refuseUnproven(request, configuration)
    guard let signature = request.signature else { return }
    _ = try SignatureVerifier.make(signature, configuration.trust, of: self).findIdentity()
  }

  /// The same, and begins to verify the archive.
  ///
  /// - Returns: nil when there is no signature.
  func beginVerification(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) -> SignatureVerification? {
    try refuseUnproven(request, configuration)
    guard let signature = request.signature else { return nil }
    let verifier = try SignatureVerifier.make(signature, configuration.trust, of: self)
    return try verifier.verify(as: try verifier.findIdentity())
  }
}

extension SandboxedUnpacker {
  /// Unpacks while the signature is verified.
  ///
  /// - Returns: what came out, and who signed it; nil when there is no signature to verify.
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
      // Nobody could go on because ssh-keygen had ended, so it is to say why.
      if let verification, verification.sink.isLost { _ = try verification.signer() }
      throw ReleasesError(error)
    }
    return (result, try verification?.signer())
  }
}
