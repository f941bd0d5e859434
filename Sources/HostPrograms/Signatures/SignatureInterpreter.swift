internal import Linux
internal import ReleaseModel
internal import Text

/// Interprets the output of ssh-keygen. Its exit status decides whether a signature is valid; its
/// messages only decide which error is reported.
struct SignatureInterpreter {
  let signature: Signature
  /// The namespace that the signature must have been made for.
  let namespace: String
  /// The path of the file of allowed signers, for messages.
  let allowedSigners: String
  /// The path of the file of revoked keys, for messages; nil when none is configured.
  let revokedKeys: String?

  /// Refuses a signature that names another namespace. ssh-keygen checks this too, but only after it
  /// has read the archive.
  ///
  /// - Throws: `signatureNamespace` for such a signature.
  func checkNamespace() throws(ReleasesError) {
    if signature.namespace != namespace { throw otherNamespace }
  }

  /// Returns the owner of the key, from the output of `find-principals`. That command has compared
  /// the key, or the certificate and its principals, with the allowed signers, and in newer versions
  /// the dates; it has checked neither namespaces nor revoked keys nor the archive.
  ///
  /// - Parameter found: how the command ended.
  /// - Returns: the identity in the file of allowed signers.
  /// - Throws: `signerNotAllowed` for an unknown key, another reason why the signature is refused, or
  ///   `failed` when ssh-keygen failed.
  func identity(from found: CapturedProcess.Result) throws(ReleasesError) -> String {
    try refuseUnlessEnded(found, "find the signer")
    let names = lines(found.output).filter { !$0.hasPrefix("!") }
    let plain = names.first { name in !name.contains { $0 == "*" || $0 == "?" } }
    if found.ending == .exited(0), let name = plain ?? names.first { return name }
    if let refusal = refusal(found.errors) { throw refusal }
    if found.ending == .exited(0) || errorLines(found.errors).contains("No principal matched.") {
      throw ReleasesError(
        .signerNotAllowed,
        "the key of the signature (\(signature.keyDescription)) is not among the allowed signers in"
          + " \(allowedSigners)",
        hint: "sign with an allowed key, or add this key to that file as NAME KEY")
    }
    throw failed(found, "find the signer")
  }

  /// Returns the signer of the archive that ssh-keygen has read, from the output of `verify`.
  ///
  /// - Parameters:
  ///   - verified: how the command ended.
  ///   - identity: the result of ``identity(from:)``.
  /// - Returns: the signer.
  /// - Throws: the reason why the signature is refused, or `failed` when ssh-keygen failed.
  func signer(
    from verified: CapturedProcess.Result, identity: String
  ) throws(ReleasesError) -> Signer {
    try refuseUnlessEnded(verified, "verify the signature")
    let good = "Good \"\(namespace)\" signature for \(identity) with "
    if verified.ending == .exited(0), let line = lines(verified.output).first,
      line.utf8.starts(with: good.utf8)
    {
      let fields = line.dropFirst(good.count).split(separator: " ")
      if fields.count == 3, fields[1] == "key" {
        return Signer(
          identity: identity, keyType: String(fields[0]), fingerprint: String(fields[2]),
          namespace: namespace)
      }
    }
    if let refusal = refusal(verified.errors) { throw refusal }
    guard lines(verified.output).contains("Could not verify signature.") else {
      throw failed(verified, "verify the signature")
    }
    throw ReleasesError(
      .signatureRejected, "ssh-keygen rejects the signature by \(identity)",
      hint: Hint(
        "verify it by hand",
        shell: "ssh-keygen -vvv -Y verify -f \(allowedSigners) -I '\(identity)'"
          + " -n \(namespace) -s ARCHIVE.sig < ARCHIVE"),
      cause: cause(verified.errors).map { Message($0) })
  }
}

// MARK: - Refusals

extension SignatureInterpreter {
  /// Returns the error for the messages of ssh-keygen; nil when none of them is known.
  private func refusal(_ errors: [UInt8]) -> ReleasesError? {
    for line in lines(errors) {
      if let refusal = refusal(line) { return refusal }
    }
    return nil
  }

  private func refusal(_ line: String) -> ReleasesError? {
    let isError = !line.hasPrefix("debug")
    if isError, line.contains("namespace does not match") { return otherNamespace }
    if isError, line.contains("not permitted for use in signature namespace") {
      return refused(
        .signatureNamespace, "the signer is not allowed to sign for the namespace '\(namespace)'",
        "add the namespace to namespaces= in \(allowedSigners), or sign with another key", line)
    }
    if isError, line.hasPrefix("Signature verification failed") {
      return refused(
        .signatureMismatch, "the archive is not the one that was signed",
        "send the archive and the signature again; if that fails too, look for tampering", line)
    }
    if isError, line.contains("verify signature:") || line.contains("parse signature:") {
      return refused(
        .signatureMalformed, "the signature is corrupt", signAgain, line)
    }
    if line.contains("sshkey_check_revoked") { return revocation(line) }
    return isError || line.contains("Certificate invalid") ? untimely(line) : nil
  }

  private func untimely(_ line: String) -> ReleasesError? {
    if line.contains("key has expired") || line.contains("Certificate invalid: expired") {
      return refused(
        .signerExpired, "the key of the signer has expired",
        "sign with a valid key, or extend valid-before= in \(allowedSigners)", line)
    }
    if line.contains("not yet valid") {
      return refused(
        .signerNotYetValid, "the key of the signer is not yet valid",
        "wait until it is valid, or check the clock and valid-after= in \(allowedSigners)", line)
    }
    return nil
  }

  private func revocation(_ line: String) -> ReleasesError {
    let file = revokedKeys ?? "the revoked keys"
    if line.hasSuffix("revoked") {
      return ReleasesError(
        .signerRevoked, "the key of the signer is revoked",
        hint: "sign with another key, one that is not in \(file)")
    }
    return refused(
      .revokedKeys, "can't parse the file of revoked keys \(file)",
      Hint(
        "list one public key per line, or create a revocation list",
        shell: "ssh-keygen -k -f \(file) KEY.pub"),
      line.split(separator: ": ").last.map(String.init) ?? line)
  }

  private var otherNamespace: ReleasesError {
    ReleasesError(
      .signatureNamespace,
      "the signature was made for the namespace '\(signature.namespace)', not '\(namespace)'",
      hint: signAgain)
  }

  private var signAgain: Hint {
    Hint("sign again", shell: "ssh-keygen -Y sign -n \(namespace) -f KEY ARCHIVE")
  }

  private func refused(
    _ code: ReleasesError.Code, _ message: Message, _ hint: Hint, _ line: String
  ) -> ReleasesError {
    ReleasesError(code, message, hint: hint, cause: "ssh-keygen: \(line)")
  }

  private func refuseUnlessEnded(
    _ result: CapturedProcess.Result, _ what: String
  ) throws(ReleasesError) {
    if case .exited = result.ending { return }
    throw failed(result, what)
  }

  private func failed(_ result: CapturedProcess.Result, _ what: String) -> ReleasesError {
    let how =
      switch result.ending {
      case nil: "did not end in time"
      case .exited(let status): "exited with status \(status)"
      case .signaled(let signal): "was killed by signal \(signal)"
      }
    return ReleasesError(
      .failed, "can't \(what): ssh-keygen \(how)",
      hint: "try again; nothing was published", cause: cause(result.errors).map { Message($0) })
  }
}

// MARK: - Output

extension SignatureInterpreter {
  /// Returns the last message that is not for debugging.
  private func cause(_ errors: [UInt8]) -> String? {
    errorLines(errors).last.map { "ssh-keygen: \($0)" }
  }

  private func errorLines(_ errors: [UInt8]) -> [String] {
    lines(errors).filter { !$0.hasPrefix("debug") }
  }

  /// Splits output into lines, and replaces the names of descriptors by the paths of the files.
  private func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).map {
      String(decoding: $0, as: UTF8.self)
        .replacing(SignatureVerifier.allowedSignersName, with: allowedSigners)
        .replacing(SignatureVerifier.revokedKeysName, with: revokedKeys ?? "")
    }
  }
}
