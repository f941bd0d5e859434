package import Linux
package import ReleaseModel
internal import StoreSupport

extension Store {
  /// Refuses a directory of the store to which users other than its owner can write: they could
  /// make this process run their commands.
  ///
  /// - Throws: `unsafeOwner` for such a directory, another error when its status can't be read.
  package static func refuseIfOthersMayWrite(
    _ directory: borrowing Descriptor
  ) throws(ReleasesError) {
    let status = try withErrorMessage("can't read the status of the store") {
      () throws(SystemError) in
      try directory.status()
    }
    guard status.permissions & 0o022 != 0 else { return }
    let path = directory.path ?? "the store"
    throw ReleasesError(
      .unsafeOwner,
      "other users can write to \(path) (mode \(String(status.permissions, radix: 8)))",
      hint: .removeWritePermission(of: path, owner: status.owner))
  }

  /// Refuses a directory that other users can write to, or that belongs to neither root nor the
  /// owner of the directory above it.
  ///
  /// - Throws: `unsafeOwner` for such a directory, another error when its status can't be read.
  static func refuseIfOthersMayWrite(
    _ directory: borrowing Descriptor, under parent: borrowing Descriptor
  ) throws(ReleasesError) {
    try refuseIfOthersMayWrite(directory)
    let (owner, expected) = try withErrorMessage("can't read the status of the store") {
      () throws(SystemError) in (try directory.status().owner, try parent.status().owner)
    }
    if owner == expected || owner == 0 { return }
    let path = directory.path ?? "the store"
    throw ReleasesError(
      .unsafeOwner, "\(path) belongs to user \(owner), neither the store's owner nor root",
      hint: .give(path, to: expected, includesContent: true))
  }
}
