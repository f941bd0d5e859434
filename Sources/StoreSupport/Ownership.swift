package import Linux
package import ReleaseModel
internal import Text

/// Decides whether only root and the owner of a store can change a file or directory whose content
/// decides what runs. Every place that reads such a file, or runs a program from one, asks here.
package struct Ownership: Sendable {
  /// What a file or directory is, on which the permitted modes and the hints depend.
  package enum Role: Sendable {
    /// A directory of the store.
    case directory
    /// A file that decides what this tool does, such as the configuration.
    case file
    /// A release, or a program in one. An adopted release may be writable for the private group of
    /// the owner, since many hosts have the umask 002 for users with such a group.
    case release
    /// A program of the host, or a shared file. Groups that have access to it are the decision of its
    /// owner.
    case hostFile
    /// A directory above a program of the host. Others can't replace files in a sticky one.
    case hostDirectory
    /// A directory above the store. A user who can write to it can put another store in place of
    /// this one, unless it is sticky.
    case placeOfStore

    /// Whether it may serve more than the store: its content is not the store's.
    fileprivate var isOfHost: Bool {
      self == .hostFile || self == .hostDirectory || self == .placeOfStore
    }
    /// Whether its group is the decision of its owner.
    fileprivate var mayGroup: Bool { self == .hostFile || self == .hostDirectory }
  }

  /// The owner of the store.
  package let owner: UserID

  /// The full path of the store, whose other parts show which part has the wrong owner; nil when it is
  /// unknown.
  private let store: String?

  /// - Parameter owner: the owner of the store.
  package init(owner: UserID) {
    self.owner = owner
    store = nil
  }

  /// Takes the owner of a store.
  ///
  /// - Parameters:
  ///   - store: the directory of the store.
  ///   - path: its path, for messages.
  /// - Throws: an error when its status can't be read.
  package init(of store: borrowing Descriptor, path: String) throws(ReleasesError) {
    owner = try withErrorMessage("can't read the status of \(path: path)") {
      () throws(SystemError) in
      try store.status().owner
    }
    self.store = store.path ?? path
  }

  /// Whether this process runs as the owner of the store.
  package var isOfThisUser: Bool { owner == ProcessFacts.effectiveUser }

  /// Returns why other users can decide what runs; nil when they can't.
  ///
  /// - Parameters:
  ///   - status: the status of the file or directory.
  ///   - path: its full path, for messages.
  ///   - role: what it is.
  /// - Returns: an error with the code `unsafeOwner`.
  package func problem(of status: FileStatus, at path: String, _ role: Role) -> ReleasesError? {
    if status.owner != owner, status.owner != 0, !isHidden(status, role) {
      return ReleasesError(
        .unsafeOwner,
        "\(path: path) belongs to \(userName(status.owner)), neither the store's owner nor root",
        hint: hint(forOwnerOf: path, status, role))
    }
    guard permitsOthers(status, at: path, role) else { return nil }
    let mode = status.kind == .directory ? " (mode \(String(status.permissions, radix: 8)))" : ""
    return ReleasesError(
      .unsafeOwner, "other users can write to \(path: path)\(mode)",
      hint: .removeWritePermission(of: path, owner: status.owner, mayGroup: role.mayGroup))
  }

  private func hint(forOwnerOf path: String, _ status: FileStatus, _ role: Role) -> Hint {
    let includesContent = status.kind == .directory && !role.isOfHost
    guard let store, path.hasPrefix("\(store)/"), role == .directory || role == .file else {
      return .give(path, to: owner, includesContent: includesContent)
    }
    return .correctOwner(
      of: path, status.owner, StoreOwners(of: store, owner: owner), in: store,
      includesContent: includesContent)
  }

  /// Refuses what other users can change.
  ///
  /// - Parameters:
  ///   - status: the status of the file or directory.
  ///   - path: its full path, for messages.
  ///   - role: what it is.
  /// - Throws: `unsafeOwner`.
  package func refuse(
    _ status: FileStatus, at path: String, _ role: Role
  ) throws(ReleasesError) {
    if let problem = problem(of: status, at: path, role) { throw problem }
  }

  /// Whether it can't be told who owns a directory above the store, since the owner has no number in
  /// this user namespace: such as the host's directories above that of a container.
  private func isHidden(_ status: FileStatus, _ role: Role) -> Bool {
    role == .placeOfStore && UserNamespace.hides(status.owner)
  }

  /// Whether other users may write to a file or directory that belongs to root or to the owner.
  private func permitsOthers(_ status: FileStatus, at path: String, _ role: Role) -> Bool {
    let (group, others): (FileMode, FileMode) = (0o020, 0o002)
    switch role {
    case .directory, .file: return status.permissions & (group | others) != 0
    case .release:
      return status.permissions & others != 0
        || status.permissions & group != 0 && permitsGroup(status, at: path, usersAlone: [owner])
    case .hostFile: return status.permissions & others != 0
    case .hostDirectory:
      return status.permissions & others != 0 && !status.isSticky
    case .placeOfStore:
      return !status.isSticky
        && (status.permissions & others != 0
          || status.permissions & group != 0
            && permitsGroup(status, at: path, usersAlone: [owner, 0]))
    }
  }

  /// Whether other users may write to a file or directory whose mode permits that to the group: as a
  /// member of the group, or by an entry of the access list, which the group's bits of the mode limit.
  private func permitsGroup(
    _ status: FileStatus, at path: String, usersAlone users: Set<UserID>
  ) -> Bool {
    if !users.contains(where: { Account.isPrivate(group: status.group, of: $0) }) { return true }
    do throws(SystemError) {
      return try AccessList.ofFile(path)?.permitsWriting(besides: users) ?? false
    } catch {
      return true
    }
  }
}

extension FileStatus {
  /// Whether a file in the directory can be renamed and removed only by its owner, the owner of the
  /// directory, and root.
  fileprivate var isSticky: Bool { permissions & 0o1000 != 0 }
}
