package import Configuration
package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// An open file with allowed signers or revoked keys.
package struct TrustFile: ~Copyable {
  let descriptor: Descriptor
  /// The full path, for messages.
  let path: String

  /// Opens the file of allowed signers.
  ///
  /// - Parameters:
  ///   - trust: what the configuration says about signatures.
  ///   - store: the directory of the store.
  ///   - storePath: the full path of the store.
  /// - Returns: the file; nil when none is configured.
  /// - Throws: `allowedSigners` when it is missing or not a regular file, `unsafeOwner` when users
  ///   other than the owner can write to it.
  package static func allowedSigners(
    _ trust: Configuration.Trust, in store: borrowing Descriptor, path storePath: String
  ) throws(ReleasesError) -> TrustFile? {
    guard let name = trust.allowedSigners else { return nil }
    return try open(
      name, in: store, path: storePath, .allowedSigners, "allowed signers",
      instead: "write the public keys of the allowed signers to that file, one NAME KEY per line")
  }

  /// Opens the file of revoked keys.
  ///
  /// - Parameters:
  ///   - trust: what the configuration says about signatures.
  ///   - store: the directory of the store.
  ///   - storePath: the full path of the store.
  /// - Returns: the file; nil when none is configured.
  /// - Throws: `revokedKeys` when it is missing or not a regular file, `unsafeOwner` when users other
  ///   than the owner can write to it.
  package static func revokedKeys(
    _ trust: Configuration.Trust, in store: borrowing Descriptor, path storePath: String
  ) throws(ReleasesError) -> TrustFile? {
    guard let name = trust.revokedKeys else { return nil }
    return try open(
      name, in: store, path: storePath, .revokedKeys, "revoked keys",
      instead: Hint(
        "create the file (an empty one revokes no key)",
        shell: "touch \(path(name, storePath: storePath))"))
  }

  /// Returns the full path for a path in the configuration, which may be relative to the store.
  package static func path(_ name: String, storePath: String) -> String {
    name.isAbsolutePath ? name : "\(storePath)/\(name)"
  }

  private static func open(
    _ name: String, in store: borrowing Descriptor, path storePath: String,
    _ code: ReleasesError.Code, _ what: String, instead: Hint
  ) throws(ReleasesError) -> TrustFile {
    let path = path(name, storePath: storePath)
    let file: Descriptor?
    do throws(ReleasesError) {
      file = try OwnedFile.open(
        name, .trust, in: store, path: path, code, notAFileHint: instead)
    } catch let error where error.code == .permission || error.code == .failed {
      throw ReleasesError(
        code, "can't open the file of \(what) \(path: path)",
        hint: "make the file readable for the owner of the store", cause: error.cause)
    }
    guard let file else {
      throw ReleasesError(code, "the file of \(what) \(path: path) is missing", hint: instead)
    }
    return TrustFile(descriptor: file, path: path)
  }
}
