import Foundation
import Testing

/// Keys and signatures as people make them, in the directory of a store.
struct SigningKeys {
  let store: TestStore

  /// A store whose configuration names the file `signers`.
  static func store(_ more: String = "require: signature") throws -> (TestStore, SigningKeys) {
    let store = try TestStore()
    let settings = more.isEmpty ? "" : ", \(more)"
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
    let told = try Program.expect(["ssh-keygen", "-l", "-f", path("\(name).pub")])
    return String(told.output.split(separator: " ")[1])
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

  /// A key that may sign, an archive, and its signature by that key.
  ///
  /// - Parameter options: of the line of the allowed signers.
  func signedArchive(_ options: String = "") throws -> (archive: String, signature: String) {
    let key = try make("alice")
    try allow("alice@example.com \(options) \(key)")
    let archive = try store.archive(["VERSION": "1", "bin/run": "#!/bin/sh\n"])
    return (archive, try sign(archive, with: "alice"))
  }

  /// A tree of several megabytes that no packing makes smaller, packed.
  func bigArchive() throws -> String {
    let tree = path("big")
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    try Program.expect(["sh", "-c", "head -c 9000000 /dev/urandom > \"$0/blob\"", tree])
    try Program.expect(["tar", "-czf", "\(tree).tar.gz", "-C", tree, "."])
    return "\(tree).tar.gz"
  }

  /// The signer that `show` tells of.
  func signer(of release: String) throws -> [String: String]? {
    try store.expectDone(["show", release, "--json"]).json["signer"] as? [String: String]
  }

  /// A file as the command line takes it.
  func inline(_ file: String) throws -> String {
    "base64:" + (try Data(contentsOf: URL(fileURLWithPath: file))).base64EncodedString()
  }
}
