/// Who signed the archive of a release, as ssh-keygen verified it.
package struct Signer: Codable, Equatable, Sendable {
  /// The allowed signer's principal, such as an address.
  package let identity: String
  /// As ssh-keygen names it, such as ED25519.
  package let keyType: String
  /// Of the public key, such as SHA256:…, see `ssh-keygen -l`.
  package let fingerprint: String
  /// What the signature was made for.
  package let namespace: String

  package init(identity: String, keyType: String, fingerprint: String, namespace: String) {
    self.identity = identity
    self.keyType = keyType
    self.fingerprint = fingerprint
    self.namespace = namespace
  }
}
