internal import Linux
internal import ReleaseStore

extension Context {
  /// Root acting on somebody's store would run what they configured, and make files they can't
  /// touch; so it becomes them first, with all their groups, before it reads anything of the store.
  ///
  /// - Parameter groups: of `/etc/group`, whose rights it keeps.
  /// - Throws: `permission` when the path is closed to this process, or the change is refused.
  func becomeOwner(keeping groups: [String] = []) throws(ReleasesError) {
    guard ProcessFacts.effectiveUser == 0, let status = try storeStatus(), status.owner != 0 else {
      return
    }
    let account = Account.of(status.owner) ?? NameService.account(of: status.owner)
    // Not the directory's own group first: after a plain `chown USER` that is still root's.
    let nobody: GroupID = 65534
    let group = account?.group ?? (status.group == 0 ? nobody : status.group)
    let others =
      account.map { NameService.groups(of: $0.name) ?? Account.groups(listing: $0.name) } ?? []
    try attempting("can't become the owner of \(storePath)") { () throws(SystemError) in
      try ProcessFacts.become(
        user: status.owner, group: group,
        others: others + groups.compactMap(Account.group(named:)))
    }
  }

  /// Nil for a path that leads nowhere, which is for the command to explain.
  private func storeStatus() throws(ReleasesError) -> FileStatus? {
    do throws(SystemError) {
      return try status(ofPath: storePath)
    } catch let error where error.errno == .accessDenied {
      // Root without CAP_DAC_READ_SEARCH, as the units start it, or of another host (NFS).
      let closed = closedDirectory() ?? "a directory above it"
      throw ReleasesError(
        .permission, "can't see who owns \(storePath): \(closed) is closed to this root",
        hint: "let it pass, which shows nothing of what is in there: chmod o+x \(closed)",
        cause: error.description)
    } catch {
      return nil
    }
  }

  /// The first directory on the way to the store that may not be passed.
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
