package import Configuration
package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// A file that says whose signatures count, opened.
package struct TrustFile: ~Copyable {
  let descriptor: Descriptor
  /// In full, for messages.
  let path: String

  /// The file of allowed signers; nil when none is configured.
  ///
  /// Throws `allowedSigners` when it is missing or no regular file, `unsafeOwner` when others may
  /// write it.
  package static func allowedSigners(
    _ trust: Configuration.Trust, in store: borrowing Descriptor, path storePath: String
  ) throws(ReleasesError) -> TrustFile? {
    guard let name = trust.allowedSigners else { return nil }
    return try open(
      name, in: store, path: storePath, .allowedSigners, "allowed signers",
      instead: "put the public keys of those who may sign there, one a line: NAME KEY")
  }

  /// The file of revoked keys; nil when none is configured.
  ///
  /// Throws `revokedKeys` where the other throws `allowedSigners`.
  package static func revokedKeys(
    _ trust: Configuration.Trust, in store: borrowing Descriptor, path storePath: String
  ) throws(ReleasesError) -> TrustFile? {
    guard let name = trust.revokedKeys else { return nil }
    return try open(
      name, in: store, path: storePath, .revokedKeys, "revoked keys",
      instead: "put a file there; an empty one revokes no key")
  }

  /// The full path of a name in the configuration: absolute, or relative to the store.
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
      file = try OwnedFile.open(name, in: store, path: path, code, notAFileHint: instead)
    } catch let error where error.code == .permission || error.code == .failed {
      throw ReleasesError(
        code, "can't open the file of \(what), \(path)",
        hint: "it has to be there, and readable for the owner of the store", cause: error.cause)
    }
    guard let file else {
      throw ReleasesError(code, "the file of \(what), \(path), is missing", hint: instead)
    }
    return TrustFile(descriptor: file, path: path)
  }
}
