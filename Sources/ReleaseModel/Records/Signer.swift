/// The signer of a release's archive, as verified by ssh-keygen.
package struct Signer: Codable, Equatable, Sendable {
  /// The principal of the allowed signer, such as an e-mail address.
  package let identity: String
  /// The type of the key as ssh-keygen names it, such as ED25519.
  package let keyType: String
  /// The fingerprint of the public key, such as SHA256:…; see `ssh-keygen -l`.
  package let fingerprint: String
  /// The namespace of the signature; see `ssh-keygen -Y sign -n`.
  package let namespace: String

  package init(identity: String, keyType: String, fingerprint: String, namespace: String) {
    self.identity = identity
    self.keyType = keyType
    self.fingerprint = fingerprint
    self.namespace = namespace
  }
}
