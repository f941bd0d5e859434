internal import Linux
internal import ReleaseModel

/// Makes something of what ssh-keygen says. That it verified is for its exit status to say; its
/// words only choose the failure's name.
package struct SignatureVerdict {
  let signature: Signature
  /// What the signature has to be made for.
  let namespace: String
  /// The file's path, for messages.
  let allowedSigners: String
  /// The file's path, for messages; nil when none is configured.
  let revokedKeys: String?

  /// What the signature says of itself. Nothing to rely on, but a plain mistake is found before
  /// the archive is read.
  func checkNamespace() throws(ReleasesError) {
    if signature.namespace != namespace { throw otherNamespace }
  }

  /// Whom the key belongs to, from `find-principals`. It has matched the key, or the certificate
  /// and its principals, with the allowed signers; newer ones also the dates. Neither the
  /// namespaces of the line nor revoked keys, and not the archive.
  func identity(from found: CapturedProcess.Result) throws(ReleasesError) -> String {
    try refuseUnlessEnded(found, "find the signer")
    let names = lines(found.output).filter { !$0.hasPrefix("!") }
    let plain = names.first { name in !name.contains { $0 == "*" || $0 == "?" } }
    if found.ending == .exited(0), let name = plain ?? names.first { return name }
    if let refusal = refusal(found.errors) { throw refusal }
    if found.ending == .exited(0) || errorLines(found.errors).contains("No principal matched.") {
      throw ReleasesError(
        .signerNotAllowed,
        "the signature is by a key (\(signature.keyDescription)) that is not among the allowed"
          + " signers in \(allowedSigners)",
        hint: "sign with an allowed key; or, if it is to be one, add it to that file: NAME KEY")
    }
    throw failed(found, "find the signer")
  }

  /// Who signed the archive that ssh-keygen has read, from `verify`.
  func signer(
    from verified: CapturedProcess.Result, identity: String
  ) throws(ReleasesError) -> Signer {
    try refuseUnlessEnded(verified, "verify the signature")
    let good = "Good \"\(namespace)\" signature for \(identity) with "
    if verified.ending == .exited(0), let line = lines(verified.output).first,
      line.utf8.starts(with: good.utf8)
    {
      let words = line.dropFirst(good.count).split(separator: " ")
      if words.count == 3, words[1] == "key" {
        return Signer(
          identity: identity, keyType: String(words[0]), fingerprint: String(words[2]),
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
      cause: cause(verified.errors))
  }
}

// MARK: - Refusals

extension SignatureVerdict {
  /// The failure that ssh-keygen's words tell of; nil when they are none that are known.
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
        .signatureNamespace, "the signer may not sign for the namespace '\(namespace)'",
        "widen namespaces= in \(allowedSigners), or sign with another key", line)
    }
    if isError, line.hasPrefix("Signature verification failed") {
      return refused(
        .signatureMismatch, "the archive is not the one that was signed",
        "send archive and signature again; if it stays so, one of them was tampered with", line)
    }
    if isError, line.contains("verify signature:") || line.contains("parse signature:") {
      return refused(
        .signatureMalformed, "the signature is damaged",
        "sign again: ssh-keygen -Y sign -n \(namespace) -f KEY ARCHIVE", line)
    }
    if line.contains("sshkey_check_revoked") { return revocation(line) }
    return isError || line.contains("Certificate invalid") ? untimely(line) : nil
  }

  private func untimely(_ line: String) -> ReleasesError? {
    if line.contains("key has expired") || line.contains("Certificate invalid: expired") {
      return refused(
        .signerExpired, "the key of the signer has expired",
        "sign with a current key, or give it longer: valid-before= in \(allowedSigners)", line)
    }
    if line.contains("not yet valid") {
      return refused(
        .signerNotYetValid, "the key of the signer is not yet valid",
        "wait until it is, or look at valid-after= in \(allowedSigners) and at the clock", line)
    }
    return nil
  }

  private func revocation(_ line: String) -> ReleasesError {
    let file = revokedKeys ?? "the revoked keys"
    if line.hasSuffix("revoked") {
      return ReleasesError(
        .signerRevoked, "the key of the signer is revoked",
        hint: "sign with another key; which are revoked is in \(file)")
    }
    return refused(
      .revokedKeys, "\(file) can't be understood, so nobody knows which keys are revoked",
      "give public keys, one a line, or make it with: ssh-keygen -k -f \(file) KEY.pub",
      line.split(separator: ": ").last.map(String.init) ?? line)
  }

  private var otherNamespace: ReleasesError {
    ReleasesError(
      .signatureNamespace,
      "the signature was made for the namespace '\(signature.namespace)', not '\(namespace)'",
      hint: "sign again: ssh-keygen -Y sign -n \(namespace) -f KEY ARCHIVE")
  }

  private func refused(
    _ code: ReleasesError.Code, _ message: String, _ hint: Hint, _ line: String
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
      case nil: "took too long and was stopped"
      case .exited(let status): "failed with status \(status)"
      case .signaled(let signal): "was ended by signal \(signal)"
      }
    return ReleasesError(
      .failed, "can't \(what): ssh-keygen \(how)",
      hint: "try it again; nothing was published", cause: cause(result.errors))
  }
}

// MARK: - Words

extension SignatureVerdict {
  /// Its own words, as far as they are meant for people.
  private func cause(_ errors: [UInt8]) -> String? {
    errorLines(errors).last.map { "ssh-keygen: \($0)" }
  }

  private func errorLines(_ errors: [UInt8]) -> [String] {
    lines(errors).filter { !$0.hasPrefix("debug") }
  }

  /// With the files named by what they are called here.
  private func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).map {
      String(decoding: $0, as: UTF8.self)
        .replacing(SignatureVerifier.allowedSignersName, with: allowedSigners)
        .replacing(SignatureVerifier.revokedKeysName, with: revokedKeys ?? "")
    }
  }
}
