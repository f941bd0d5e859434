package import Archive
package import Configuration
package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// Finds out who signed an archive by running the host's ssh-keygen; see `-Y` in ssh-keygen(1).
///
/// ssh-keygen gets all files as descriptors that were opened and checked here, so it reads exactly
/// what was checked, and no temporary file is needed.
package struct SignatureVerifier: ~Copyable {
  /// The name of the program.
  package static let tool = "ssh-keygen"
  static let allowedSignersName = "/proc/self/fd/4"
  static let revokedKeysName = "/proc/self/fd/5"
  private static let signatureName = "/proc/self/fd/3"
  /// How long ssh-keygen may take, in seconds. Usually it takes milliseconds.
  private static let timeLimit = 30.0

  private let program: String
  private let interpreter: SignatureInterpreter
  private let signature: Descriptor
  private let allowedSigners: TrustFile
  private let revokedKeys: TrustFile?

  /// Opens the files that the configuration names, and finds ssh-keygen.
  ///
  /// - Parameters:
  ///   - signature: the signature of the archive.
  ///   - trust: what the configuration says about signatures.
  ///   - store: the directory of the store.
  ///   - path: the full path of the store, for messages.
  /// - Returns: a verifier for one archive.
  /// - Throws: `allowedSigners`, `revokedKeys` or `unsafeOwner` for a file that is missing or unsafe,
  ///   `signatureNamespace` for a signature with another namespace, `verifierMissing` on a host
  ///   without ssh-keygen.
  package static func make(
    _ signature: Signature, _ trust: Configuration.Trust, store: borrowing Descriptor,
    path: String
  ) throws(ReleasesError) -> SignatureVerifier {
    guard let allowedSigners = try TrustFile.allowedSigners(trust, in: store, path: path) else {
      throw ReleasesError(
        .allowedSigners,
        "can't verify the signature: \(path: path)/\(Layout.configuration) has no trust.allowed-signers",
        hint: "set trust.allowed-signers to a file with the public keys of the signers")
    }
    let revokedKeys = try TrustFile.revokedKeys(trust, in: store, path: path)
    let revokedPath: String? =
      switch revokedKeys {
      case .some(let file): file.path
      case .none: nil
      }
    let interpreter = SignatureInterpreter(
      signature: signature, namespace: trust.namespace, allowedSigners: allowedSigners.path,
      revokedKeys: revokedPath)
    try interpreter.checkNamespace()
    let program = try findTool()
    let content = try withErrorMessage("can't pass the signature to ssh-keygen") {
      () throws(SystemError) in
      try Descriptor.inMemory("signature", signature.armored)
    }
    return SignatureVerifier(
      program: program, interpreter: interpreter, signature: content,
      allowedSigners: allowedSigners,
      revokedKeys: revokedKeys)
  }

  /// Finds ssh-keygen on this host.
  ///
  /// - Returns: its full path.
  /// - Throws: `verifierMissing` when the host has none.
  package static func findTool() throws(ReleasesError) -> String {
    if let path = HostProgram.find(tool) { return path }
    throw ReleasesError(
      .verifierMissing, "can't verify signatures: this host has no \(tool)",
      hint: Hint(
        "install the OpenSSH client (openssh-clients on Fedora and RHEL)",
        shell: "apt-get install openssh-client"))
  }

  /// Finds out to which allowed signer the key of the signature belongs. The archive is not needed.
  ///
  /// - Returns: the identity in the file of allowed signers.
  /// - Throws: `signerNotAllowed`, `signerExpired` or another reason why the signature is refused;
  ///   `failed` when ssh-keygen fails.
  package func findIdentity() throws(ReleasesError) -> String {
    let nothing = try withErrorMessage("can't start \(program)") { () throws(SystemError) in
      try Pipe()
    }
    let found = try withErrorMessage("can't run \(program)") { () throws(SystemError) in
      try start(
        ["find-principals", "-f", Self.allowedSignersName, "-s", Self.signatureName],
        input: nothing.reading
      ).result(within: Self.timeLimit)
    }
    return try interpreter.identity(from: found)
  }

  /// Starts the verification of an archive. The caller must pass the archive to the sink of the
  /// result.
  ///
  /// - Parameter identity: the result of ``findIdentity()``.
  /// - Returns: the running verification.
  /// - Throws: an error when ssh-keygen can't be started.
  package func verify(as identity: String) throws(ReleasesError) -> SignatureVerification {
    try withErrorMessage("can't start \(program)") { () throws(SystemError) in
      let input = try Pipe()
      input.widen(to: SignatureVerification.pipeSize)
      let revoked = interpreter.revokedKeys == nil ? [] : ["-r", Self.revokedKeysName]
      let process = try start(
        [
          "verify", "-f", Self.allowedSignersName, "-I", identity, "-n", interpreter.namespace,
          "-s", Self.signatureName,
        ] + revoked, input: input.reading)
      return SignatureVerification(
        process, interpreter, identity: identity, timeLimit: Self.timeLimit,
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
    // Without -vvv, ssh-keygen does not distinguish a revoked key from a key that is not allowed.
    return try CapturedProcess(
      program, [Self.tool, "-vvv", "-Y"] + arguments,
      environment: HostProgram.environment, input: input, others: others)
  }
}

/// The verification of one archive, while the archive is unpacked. ssh-keygen is ended when this is
/// released.
package struct SignatureVerification {
  /// The size of the pipe to ssh-keygen, in bytes.
  static let pipeSize = 1 << 20

  private let process: CapturedProcess
  private let interpreter: SignatureInterpreter
  private let identity: String
  private let timeLimit: Double
  /// The sink that must get the whole archive.
  package let sink: ArchiveSink

  fileprivate init(
    _ process: CapturedProcess, _ interpreter: SignatureInterpreter, identity: String,
    timeLimit: Double, sink: ArchiveSink
  ) {
    self.process = process
    self.interpreter = interpreter
    self.identity = identity
    self.timeLimit = timeLimit
    self.sink = sink
  }

  /// Returns the signer of the archive. It must be called once, after the sink has got the whole
  /// archive or is lost.
  ///
  /// - Returns: who signed the archive.
  /// - Throws: the reason why the signature is refused; `failed` when ssh-keygen did not read the
  ///   whole archive.
  package func signer() throws(ReleasesError) -> Signer {
    let result = try withErrorMessage("can't verify the signature") { () throws(SystemError) in
      try process.result(within: sink.isLost ? 1 : timeLimit)
    }
    let signer = try interpreter.signer(from: result, identity: identity)
    guard !sink.isLost else {
      throw ReleasesError(
        .failed, "can't verify the signature: ssh-keygen did not read all of the archive",
        hint: "try again; nothing was published")
    }
    return signer
  }
}
