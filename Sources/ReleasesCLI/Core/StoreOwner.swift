internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Context {
  /// Becomes the owner of the store, with all their groups, before anything in the store is read.
  /// As root, this process would run commands that the owner configured, and make files that the
  /// owner can't change.
  /// It keeps no right that the owner lacks: the programs that it starts belong to the owner, who can
  /// trace them.
  ///
  /// - Throws: `permission` when this process can't search the path, or the change of user fails.
  func becomeOwner() throws(ReleasesError) {
    guard ProcessFacts.effectiveUser == 0, let status = try storeStatus(), status.owner != 0 else {
      return
    }
    let account = Account.of(status.owner) ?? NameService.account(of: status.owner)
    let group = Account.group(of: account, directory: status)
    let others =
      account.map { NameService.groups(of: $0.name) ?? Account.groups(listing: $0.name) } ?? []
    try withErrorMessage("can't become the owner of \(path: storePath)") { () throws(SystemError) in
      try ProcessFacts.become(user: status.owner, group: group, others: others)
    }
  }

  /// Refuses a command that changes the store to a user who is not its owner, before it fails at a file
  /// of the store that says less.
  ///
  /// - Throws: `permission` with the whole command for the owner.
  func refuseOtherUser(of store: Store) throws(ReleasesError) {
    guard let owner = try? store.ownership().owner, owner != ProcessFacts.effectiveUser,
      !UserNamespace.hides(owner), store.root.refusalOfChanges(Layout.control) == .accessDenied
    else { return }
    let (user, name) = (Account.of(owner)?.name, userName(owner))
    let named = user?.shellWord ?? "'#\(owner)'"
    let words = (notices.reader.store == nil ? ["--store", storePath] : []) + arguments
    let line =
      (owner == 0 ? "sudo" : "sudo -u \(named)")
      + " releases " + words.map(\.shellWord).joined(separator: " ")
    throw ReleasesError(
      .permission, "only \(name), the owner of \(path: storePath), may change it",
      // The command may have a secret, which no line may print.
      hint: Outgoing.isSecret(line)
        ? "run it as the owner of \(path: storePath), \(name)"
        : Hint("run it as that user", shell: line))
  }

  /// Returns the status of the store's directory; nil if the path does not exist, which the command
  /// reports later.
  ///
  /// - Throws: `permission` when this process can't search the path.
  private func storeStatus() throws(ReleasesError) -> FileStatus? {
    do throws(SystemError) {
      return try status(ofPath: storePath)
    } catch let error where error.errno == .accessDenied {
      // Even root can't search it without CAP_DAC_READ_SEARCH, as in the units, or on NFS.
      let closed = closedDirectory()
      throw ReleasesError(
        .permission,
        """
        can't read the owner of \(path: storePath): this process can't search \
        \(closed ?? "a directory above it")
        """,
        hint: Hint(
          "let other users search the directory without listing it",
          shell: "chmod o+x \(closed ?? "DIRECTORY")"),
        cause: Message(error))
    } catch {
      return nil
    }
  }

  /// Returns the first directory on the path of the store that this process may not search.
  private func closedDirectory() -> String? {
    var path = ""
    for name in storePath.nameComponents {
      let next = "\(path)/\(name)"
      do throws(SystemError) {
        _ = try status(ofPath: next)
      } catch {
        return error.errno == .accessDenied ? (path.isEmpty ? "/" : path) : nil
      }
      path = next
    }
    return nil
  }
}
