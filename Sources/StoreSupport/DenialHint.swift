package import Linux
package import ReleaseModel
package import Text

extension Hint {
  /// Makes the hint for a call that was denied. It names what the caller can do, or who else can.
  ///
  /// - Parameter error: the failed call.
  package init(denied error: SystemError) {
    guard let denial = AccessDenial(error) else {
      self.init("run it as the owner of the store, or with sudo")
      return
    }
    let me = ProcessFacts.effectiveUser
    if error.call == "mkdirat", let path = error.path, me != 0, denial.owner != me,
      Self.storeOwner(above: path) == me
    {
      self.init(
        "\(path: denial.path) belongs to \(userName(denial.owner)); create the directory as root",
        shell: "\(Self.asRoot)install -d -o \(me) \(path.shellWord)")
      return
    }
    // What the store made in a directory of its own has the same wrong owner.
    let isOwn =
      denial.path.parentDirectory.hasSuffix("/\(Layout.control)")
      && (try? status(ofPath: denial.path))?.kind == .directory
    self.init(denial, includesContent: isOwn)
  }

  /// Makes the hint for what has denied a call.
  ///
  /// - Parameters:
  ///   - denial: what has denied it.
  ///   - includesContent: whether everything in a directory has to change with it.
  package init(_ denial: AccessDenial, includesContent: Bool = false) {
    let path = denial.path.shellWord
    let me = ProcessFacts.effectiveUser
    if denial.reason == .attribute {
      self.init(
        "\(denial.text); remove the attribute",
        shell: "\(Self.asRoot)chattr -ia \(path)")
    } else if me == 0 {
      self.init(
        "even root is denied access; see the permissions along the path",
        shell: "namei -l \(path)")
    } else if denial.owner == me {
      self.init("give yourself permission", shell: "chmod u+rwX \(path)")
    } else if Self.storeOwner(above: denial.path) == me {
      // With sudo, the command would become the same user.
      self.init(
        "\(denial.text); give it to \(userName(me))",
        shell: "\(Self.asRoot)chown \(includesContent ? "-R " : "")\(me) \(path)")
    } else {
      self.init(
        "run it as the owner of \(path: denial.path), \(userName(denial.owner)), or with sudo")
    }
  }

  /// Makes the hint for a file or directory that belongs to the wrong user.
  ///
  /// - Parameters:
  ///   - path: its full path.
  ///   - owner: the owner of the store.
  ///   - includesContent: whether to give away what the directory contains too.
  /// - Returns: a hint with a chown(1) that the caller or an administrator can run.
  package static func give(
    _ path: String, to owner: UserID, includesContent: Bool = false
  ) -> Hint {
    Hint(
      "give it to the store's owner, \(userName(owner))",
      shell: "\(asRoot)chown \(includesContent ? "-R " : "")\(owner) \(path.shellWord)")
  }

  /// Makes the hint for a file or directory that other users can write to.
  ///
  /// - Parameters:
  ///   - path: its full path.
  ///   - owner: its owner.
  ///   - mayGroup: whether its group may write to it.
  /// - Returns: a hint with a chmod(1) that the caller or an administrator can run.
  package static func removeWritePermission(
    of path: String, owner: UserID, mayGroup: Bool
  ) -> Hint {
    let prefix = owner == ProcessFacts.effectiveUser ? "" : asRoot
    let change = mayGroup ? "o-w" : "go-w"
    return Hint("remove the permission", shell: "\(prefix)chmod \(change) \(path.shellWord)")
  }

  /// The prefix of a command that only root may run; empty if this process is root.
  package static var asRoot: String { ProcessFacts.effectiveUser == 0 ? "" : "sudo " }

  /// Returns the owner of the store that contains a path; nil if none does.
  private static func storeOwner(above path: String) -> UserID? {
    var directory = ""
    for name in path.nameComponents {
      directory += "/\(name)"
      if (try? status(ofPath: "\(directory)/\(Layout.control)"))?.kind == .directory {
        return (try? status(ofPath: directory))?.owner
      }
    }
    return nil
  }
}

extension AccessDenial {
  /// What denies the access, as a clause.
  package var text: Message {
    if reason == .attribute { return "\(path: path) is immutable or append-only" }
    return owner == ProcessFacts.effectiveUser
      ? "\(path: path) is not writable" : "\(path: path) belongs to \(userName(owner))"
  }
}

/// Returns the login name of a user, or the number if the host does not list the user; for messages.
package func userName(_ user: UserID) -> String {
  Account.of(user)?.name ?? "user \(user)"
}

/// Returns the name of a group, or the number if the host does not list the group; for messages.
package func groupName(_ group: GroupID) -> String {
  Account.name(of: group) ?? String(group)
}
