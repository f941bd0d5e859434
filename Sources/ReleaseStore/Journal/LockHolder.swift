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
  /// What a process that has locked a file may do to it.
  enum Rights: Equatable {
    /// A process of the file's owner or of root holds the lock.
    case owner
    /// Only processes of other users hold the lock. They can open the file for reading, no more.
    case reader
    /// No holder is visible: it has ended, is hidden, or is in another PID namespace.
    case unknown

    /// Finds the processes that hold the lock of an open file.
    init(over file: borrowing Descriptor) {
      guard let status = try? file.status() else {
        self = .unknown
        return
      }
      var holders: [Bool?] = []
      for pid in ProcessFacts.lockHolders(of: status) {
        holders.append(
          ProcessFacts.users(of: pid).map { $0.isSubset(of: [0, status.owner]) })
      }
      if holders.contains(true) {
        self = .owner
      } else {
        self = holders.isEmpty || holders.contains(nil) ? .unknown : .reader
      }
    }
  }
}
