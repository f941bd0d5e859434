package import Archive
package import Configuration
package import Linux
package import ReleaseModel
internal import StoreSupport

/// Has the host's ssh-keygen find out who signed an archive, see `-Y` in ssh-keygen(1).
///
/// It gets all files as descriptors that were opened and looked at here: what it reads is what was
/// looked at, and nothing of it lies about.
package struct SignatureVerifier: ~Copyable {
  package static let tool = "ssh-keygen"
  static let allowedSignersName = "/proc/self/fd/4"
  static let revokedKeysName = "/proc/self/fd/5"
  private static let signatureName = "/proc/self/fd/3"
  /// For what takes milliseconds, in seconds.
  private static let timeLimit = 30.0

  private let program: String
  private let verdict: SignatureVerdict
  private let signature: Descriptor
  private let allowedSigners: TrustFile
  private let revokedKeys: TrustFile?

  /// Throws `allowedSigners`, `revokedKeys` or `unsafeOwner` for a file of the configuration that
  /// is not as it has to be, `signatureNamespace`, and `verifierMissing`.
  package static func make(
    _ signature: Signature, _ trust: Configuration.Trust, store: borrowing Descriptor,
    path: String
  ) throws(ReleasesError) -> SignatureVerifier {
    guard let allowedSigners = try TrustFile.allowedSigners(trust, in: store, path: path) else {
      throw ReleasesError(
        .allowedSigners,
        "there is a signature, but \(path)/\(Layout.configuration) names no allowed signers",
        hint: "name the file with their public keys: trust: {allowed-signers: FILE}")
    }
    let revokedKeys = try TrustFile.revokedKeys(trust, in: store, path: path)
    let revokedPath: String? =
      switch revokedKeys {
      case .some(let file): file.path
      case .none: nil
      }
    let verdict = SignatureVerdict(
      signature: signature, namespace: trust.namespace, allowedSigners: allowedSigners.path,
      revokedKeys: revokedPath)
    try verdict.checkNamespace()
    let program = try findTool()
    let content = try attempting("can't hand over the signature") { () throws(SystemError) in
      try Descriptor.inMemory("signature", signature.armored)
    }
    return SignatureVerifier(
      program: program, verdict: verdict, signature: content, allowedSigners: allowedSigners,
      revokedKeys: revokedKeys)
  }

  /// The tool's path.
  package static func findTool() throws(ReleasesError) -> String {
    if let path = HostProgram.find(tool) { return path }
    throw ReleasesError(
      .verifierMissing, "signatures can't be verified: this host has no \(tool)",
      hint: "install it: apt-get install openssh-client, elsewhere openssh or openssh-clients")
  }

  /// Whose key it is by the allowed signers; the archive is not needed for that.
  ///
  /// Throws `signerNotAllowed`, `signerExpired` and others.
  package func findIdentity() throws(ReleasesError) -> String {
    let nothing = try attempting("can't start \(program)") { () throws(SystemError) in
      try Pipe()
    }
    let found = try attempting("can't run \(program)") { () throws(SystemError) in
      try start(
        ["find-principals", "-f", Self.allowedSignersName, "-s", Self.signatureName],
        input: nothing.reading
      ).result(within: Self.timeLimit)
    }
    return try verdict.identity(from: found)
  }

  /// Begins to verify an archive that its sink is given.
  ///
  /// - Parameter identity: from ``findIdentity()``.
  package func verify(as identity: String) throws(ReleasesError) -> SignatureVerification {
    try attempting("can't start \(program)") { () throws(SystemError) in
      let input = try Pipe()
      input.widen(to: SignatureVerification.pipeSize)
      let revoked = verdict.revokedKeys == nil ? [] : ["-r", Self.revokedKeysName]
      let process = try start(
        [
          "verify", "-f", Self.allowedSignersName, "-I", identity, "-n", verdict.namespace,
          "-s", Self.signatureName,
        ] + revoked, input: input.reading)
      return SignatureVerification(
        process, verdict, identity: identity, timeLimit: Self.timeLimit,
        sink: try ArchiveSink(try Descriptor.duplicate(input.writing.raw)))
    }
  }

  private func start(
    _ arguments: [String], input: borrowing Descriptor
  ) throws(SystemError) -> CapturedProcess {
    var others = [signature.raw, allowedSigners.descriptor.raw]
    switch revokedKeys {
    case .some(let revoked): others.append(revoked.descriptor.raw)
    case .none: break
    }
    // -vvv: without it, it does not tell a revoked key from others.
    return try CapturedProcess(
      program, [Self.tool, "-vvv", "-Y"] + arguments,
      environment: HostProgram.environment, input: input, others: others)
  }
}

/// One archive being verified, while it is read for the unpacking. Ended when its owner lets it go.
package struct SignatureVerification {
  /// In bytes.
  static let pipeSize = 1 << 20

  private let process: CapturedProcess
  private let verdict: SignatureVerdict
  private let identity: String
  private let timeLimit: Double
  /// To be given the archive from its first byte to its last.
  package let sink: ArchiveSink

  fileprivate init(
    _ process: CapturedProcess, _ verdict: SignatureVerdict, identity: String, timeLimit: Double,
    sink: ArchiveSink
  ) {
    self.process = process
    self.verdict = verdict
    self.identity = identity
    self.timeLimit = timeLimit
    self.sink = sink
  }

  /// Who signed what the sink was given. To be called once, when it has been given all of it, or
  /// is lost.
  ///
  /// Throws unless ssh-keygen verified it, and took all of it.
  package func signer() throws(ReleasesError) -> Signer {
    let result = try attempting("can't verify the signature") { () throws(SystemError) in
      try process.result(within: sink.isLost ? 1 : timeLimit)
    }
    let signer = try verdict.signer(from: result, identity: identity)
    guard !sink.isLost else {
      throw ReleasesError(
        .failed, "can't verify the signature: ssh-keygen did not read all of the archive",
        hint: "try it again; nothing was published")
    }
    return signer
  }
}
