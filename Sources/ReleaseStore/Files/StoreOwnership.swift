package import Linux
package import ReleaseModel
package import StoreSupport
internal import Text

extension Store {
  /// Refuses the directory of a store to which users other than its owner can write: they could
  /// make this process run their commands.
  ///
  /// - Throws: `unsafeOwner` for such a directory, another error when its status can't be read.
  package static func refuseIfOthersMayWrite(
    _ root: borrowing Descriptor
  ) throws(ReleasesError) {
    try refuseIfOthersMayWrite(root, in: root)
  }

  /// Refuses a directory of a store that other users can write to, or that belongs to neither root nor
  /// the owner of the store.
  ///
  /// - Parameters:
  ///   - directory: the directory.
  ///   - root: the directory of the store.
  /// - Throws: `unsafeOwner` for such a directory, another error when its status can't be read.
  package static func refuseIfOthersMayWrite(
    _ directory: borrowing Descriptor, in root: borrowing Descriptor
  ) throws(ReleasesError) {
    let path = directory.path ?? "the store"
    let status = try withErrorMessage("can't read the status of the store") {
      () throws(SystemError) in
      try directory.status()
    }
    try Ownership(of: root, path: path).refuse(status, at: path, .directory)
  }

  /// Returns the rule for who may own files that decide what runs.
  ///
  /// - Throws: an error when the status of the store can't be read.
  package func ownership() throws(ReleasesError) -> Ownership {
    try Ownership(of: root, path: path)
  }

  /// Returns why other users than root and the store's owner can change a release; nil when they can't,
  /// and when it does not exist.
  ///
  /// - Throws: an error when its status can't be read.
  package func ownershipProblem(of id: ReleaseID) throws(ReleasesError) -> ReleasesError? {
    let path = path(Layout.releases, id.text)
    let status = try withErrorMessage("can't read the status of \(path: path)") {
      () throws(SystemError) in try releases.statusIfPresent(of: id.text)
    }
    guard let status, status.kind == .directory else { return nil }
    return try ownership().problem(of: status, at: path, .release)
  }

  /// Returns why other users can put another directory in place of the store; nil when they can't.
  /// Hooks and services find it by its path.
  ///
  /// - Throws: an error when a status can't be read.
  package func directoryProblem() throws(ReleasesError) -> ReleasesError? {
    let doing: Message = "can't read the status of the directories above \(path: path)"
    let above = try withErrorMessage(doing) {
      () throws(SystemError) in try root.ancestry().dropFirst()
    }
    var name = (root.path ?? path)[...]
    let ownership = try ownership()
    for status in above {
      name = name[..<(name.lastIndex(of: "/") ?? name.startIndex)]
      let path = name.isEmpty ? "/" : String(name)
      if let problem = ownership.problem(of: status, at: path, .placeOfStore) { return problem }
    }
    return nil
  }
}
