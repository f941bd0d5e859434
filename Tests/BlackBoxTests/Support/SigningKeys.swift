import Foundation
import TestSupport
import Testing

/// Keys and signatures made with ssh-keygen beside a store.
struct SigningKeys {
  let store: TestStore

  /// Returns a store whose configuration names the file `signers`.
  static func store(_ options: String = "require: signature") throws -> (TestStore, SigningKeys) {
    let store = try TestStore()
    let settings = options.isEmpty ? "" : ", \(options)"
    try store.write("releases.yaml", "trust: {allowed-signers: signers\(settings)}\n")
    return (store, SigningKeys(store: store))
  }

  func path(_ name: String) -> String { "\(store.directory)/\(name)" }

  /// Makes a key pair.
  ///
  /// - Returns: the public key, without its comment.
  @discardableResult
  func make(_ name: String, type: String = "ed25519") throws -> String {
    try Program.expect(
      ["ssh-keygen", "-q", "-t", type, "-N", "", "-C", "a comment", "-f", path(name)])
    return try publicKey(name)
  }

  func publicKey(_ name: String) throws -> String {
    try String(contentsOfFile: path("\(name).pub"), encoding: .utf8)
      .split(separator: " ").prefix(2).joined(separator: " ")
  }

  func fingerprint(_ name: String) throws -> String {
    let listed = try Program.expect(["ssh-keygen", "-l", "-f", path("\(name).pub")])
    return String(listed.output.split(separator: " ")[1])
  }

  /// Writes the allowed signers.
  func allow(_ lines: String...) throws {
    try store.write("signers", lines.joined(separator: "\n") + "\n")
  }

  /// Signs a file.
  ///
  /// - Returns: the signature's path.
  func sign(
    _ file: String, with key: String, namespace: String = "release"
  ) throws -> String {
    try Program.expect(["rm", "-f", "\(file).sig"])
    try Program.expect(
      ["ssh-keygen", "-q", "-Y", "sign", "-f", path(key), "-n", namespace, file])
    return "\(file).sig"
  }

  /// Makes an archive and its signature by an allowed key.
  ///
  /// - Parameter options: the options in the line of the allowed signers.
  /// - Returns: the paths of both.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  func signedArchive(_ options: String = "") throws -> (archive: String, signature: String) {
    let key = try make("alice")
    try allow("alice@example.com \(options) \(key)")
    let archive = try store.archive(["VERSION": "1", "bin/run": "#!/bin/sh\n"])
    return (archive, try sign(archive, with: "alice"))
  }

  /// Packs several megabytes of random bytes.
  func bigArchive() throws -> String {
    let tree = path("big")
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    try Program.expect(["sh", "-c", "head -c 9000000 /dev/urandom > \"$0/blob\"", tree])
    try Program.expect([
      "sh", "-c", "tar -cf - -C \"$0\" . | gzip -1 > \"$0.tar.gz\"", tree,
    ])
    return "\(tree).tar.gz"
  }

  /// Returns the signer that `show` reports.
  func signer(of release: String) throws -> [String: String]? {
    try store.expectSuccess(["show", release, "--json"]).json["signer"] as? [String: String]
  }

  /// Returns a file in the inline form of the command line.
  func inline(_ file: String) throws -> String {
    "base64:" + (try Data(contentsOf: URL(fileURLWithPath: file))).base64EncodedString()
  }
}
