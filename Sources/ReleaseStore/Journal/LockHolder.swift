internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import Text

/// The process that holds the lock of a store.
package struct LockHolder: Sendable {
  /// The name of the user who runs the process; nil when it has ended or is hidden from this user.
  package let user: String?
  /// The process ID.
  package let pid: Int32
  /// The process's entry in the journal; nil when it has written none.
  let entry: JournalEntry?

  /// The user and the process ID, such as "deploy (pid 42)".
  package var name: String { user.map { "\($0) (pid \(pid))" } ?? "pid \(pid)" }

  /// The name with the start time and the command line.
  var description: Message {
    if let entry {
      return "\(name) since \(entry.started.rfc3339): \(verbatim: entry.commandLine)"
    }
    guard user != nil, let started = ProcessFacts.startSeconds(of: pid),
      let commandLine = ProcessFacts.commandLine(of: pid)
    else { return "pid \(pid), which has ended or belongs to another user and is hidden" }
    let since = Date(timeIntervalSince1970: Double(started)).rfc3339
    return "\(name) since \(since): \(commandLine)"
  }
}

extension LockHolder {
  /// Whether a process of a file's owner or of root has locked it, as far as this user can see.
  ///
  /// The kernel names the process that took a lock. That one may have ended while another holds the lock,
  /// and a third may have got its ID, so it counts only if it has the file open. A user who may read
  /// the file can lock it, too.
  static func isHeldByOwner(_ file: borrowing Descriptor) -> Bool {
    guard let status = try? file.status() else { return false }
    return ownersProcess(holding: status) != nil
  }

  /// Returns the process of a file's owner or of root that has locked it, and is not this one; nil when
  /// none is visible.
  static func ownersProcess(holding status: FileStatus) -> Int32? {
    ProcessFacts.lockHolders(of: status).first { pid in
      pid != ProcessFacts.pid
        && ProcessFacts.users(of: pid)?.isSubset(of: [0, status.owner]) == true
        && ProcessFacts.hasOpen(status, pid)
    }
  }
}
