internal import FoundationEssentials
internal import Linux

/// `.releases/lock`, held. The kernel's lock alone says that somebody is at work; the content says
/// to people who, and to recovery what.
struct LockFile: ~Copyable {
  private let file: Descriptor
  /// `.releases/trash`, locked too: who removes a lock file to "unlock" the store must not let a
  /// second writer in beside the first. Only its owner can open that directory, so nobody else can
  /// hold it locked.
  private let directory: Descriptor
  /// The slot written last; nil when none checks out.
  private var slot: Int?
  private(set) var last: JournalEntry?

  /// Whoever waits longer than this is told for whom, in seconds.
  private static let patience = 1.0

  /// Waits for the lock, and tells for whom.
  ///
  /// Throws `locked` when somebody held it for longer than `seconds`.
  static func take(
    _ store: Store, waitingUpTo seconds: Double, _ environment: Environment
  ) throws(ReleasesError) -> LockFile {
    let bootID = environment.bootID
    let deadline = Clock.monotonicSeconds() + seconds
    let directory = try store.controlDirectory(Layout.trash)
    var isFree = try attempting("can't lock the store") { () throws(SystemError) in
      try directory.lock(waitingUpTo: min(seconds, patience))
    }
    if !isFree, seconds > patience {
      environment.watch(.waiting(try store.heldByAnother(seconds, bootID: bootID)))
      isFree = try attempting("can't lock the store") { () throws(SystemError) in
        try directory.lock(waitingUpTo: deadline - Clock.monotonicSeconds())
      }
    }
    guard isFree else { throw try store.heldByAnother(seconds, bootID: bootID) }
    while true {
      let file = try open(store)
      let isOurs = try attempting("can't lock the store") { () throws(SystemError) in
        try file.lock(waitingUpTo: deadline - Clock.monotonicSeconds())
      }
      guard isOurs else { throw try store.heldByAnother(seconds, bootID: bootID) }
      let isSame = try attempting("can't look at the lock") { () throws(SystemError) in
        try store.control.statusIfPresent(of: Layout.lock)?.isSameFile(as: try file.status())
      }
      // Somebody replaced the file while we waited: what we hold locks nobody out.
      guard isSame == true else { continue }
      return try LockFile(locked: file, directory, store)
    }
  }

  private init(
    locked file: consuming Descriptor, _ directory: consuming Descriptor, _ store: Store
  ) throws(ReleasesError) {
    let bytes = try attempting("can't read the journal") { () throws(SystemError) in
      try file.read(count: Int(Journal.size), at: 0)
    }
    switch Journal.parse(bytes) {
    case .entry(let entry, let slot): (last, self.slot) = (entry, slot)
    case .invalid: (last, slot) = (nil, nil)
    case .newer(let format): throw store.newerStore(format: format)
    }
    if bytes.count < Int(Journal.size) {
      // The flush of the first entry takes the file's size and name along.
      try attempting("can't allocate the journal") { () throws(SystemError) in
        try file.allocate(Journal.size)
      }
    }
    self.file = file
    self.directory = directory
  }

  private static func open(_ store: Store) throws(ReleasesError) -> Descriptor {
    let lock = store.path(Layout.control, Layout.lock)
    let file = try attempting("can't open the lock of \(store.path)") {
      () throws(SystemError) -> Descriptor in
      do throws(SystemError) {
        return try store.control.open(Layout.lock, [.readWrite, .noFollow, .nonBlocking])
      } catch let error where error.errno == .noEntry {
        let flags: OpenFlags = [.readWrite, .noFollow, .create]
        return try store.control.open(Layout.lock, flags, mode: 0o640)
      }
    }
    let kind = try attempting("can't look at \(lock)") { () throws(SystemError) in
      try file.status().kind
    }
    guard kind == .file else {
      throw ReleasesError(
        .failed, "\(lock) is a \(kind.word), not a file",
        hint: "move it out of the way, then make it again from the links: releases recover")
    }
    return file
  }

  /// Makes an entry durable in the slot that does not hold the last one.
  mutating func write(_ entry: JournalEntry) throws(ReleasesError) {
    let bytes = try Journal.slot(entry)
    let next = slot.map { 1 - $0 } ?? 0
    do throws(SystemError) {
      try file.write(bytes, at: Int64(next * Journal.slotSize))
      try file.syncData()
    } catch {
      let failure = ReleasesError("can't write the journal", error)
      throw holds(entry) ? failure.unsettled() : failure
    }
    slot = next
    last = entry
  }

  /// Makes durable what another process wrote.
  func flush() throws(ReleasesError) {
    try attempting("can't flush the journal") { () throws(SystemError) in try file.syncData() }
  }

  /// A write that failed half-way may have written all that counts: recovery will act on it.
  private func holds(_ entry: JournalEntry) -> Bool {
    guard let bytes = try? file.read(count: Int(Journal.size), at: 0),
      case .entry(let found, _) = Journal.parse(bytes)
    else { return true }
    return found.sequence == entry.sequence
  }
}

extension Store {
  /// Says who holds the lock, since when, doing what.
  fileprivate func heldByAnother(
    _ seconds: Double, bootID: String
  ) throws(ReleasesError) -> ReleasesError {
    let holder = try lockHolder(bootID: bootID)
    var advice = "wait for it, longer with --wait 5m; see: releases --store \(path) status"
    if let entry = holder?.entry, entry.awaitsConfirmation {
      advice =
        "it waits until \(entry.id.map(\.text) ?? "the new release") works;"
        + " to end that and go back now: releases --store \(path) abort"
    }
    return ReleasesError(
      .locked, "\(path) is locked by \(holder?.description ?? "another command")",
      hint: advice,
      cause: "waited \(TimeSpan(seconds: Int64(seconds)))")
  }

  /// Finds the process that holds the lock.
  ///
  /// - Parameter bootID: the ID of the current boot.
  /// - Returns: nil when no process holds the lock any more, or its holder can't be seen.
  /// - Throws: `failed` when the journal can't be read.
  package func lockHolder(bootID: String) throws(ReleasesError) -> LockHolder? {
    if let entry = try lastJournalEntry(), entry.phase == .intent,
      entry.writerIsAlive(bootID: bootID)
    {
      return LockHolder(user: entry.user, pid: entry.pid, entry: entry)
    }
    guard let status = try? control.status(of: Layout.lock),
      let pid = ProcessFacts.lockHolder(inode: status.inode)
    else { return nil }
    return LockHolder(user: ProcessFacts.userName(of: pid), pid: pid, entry: nil)
  }
}

/// The process that holds the lock of a store.
package struct LockHolder: Sendable {
  /// The name of the user who runs the process; nil when it has just ended.
  package let user: String?
  package let pid: Int32
  /// The process's entry in the journal; nil when it has written none.
  fileprivate let entry: JournalEntry?

  /// The user and the process ID, such as "deploy (pid 42)".
  package var name: String { user.map { "\($0) (pid \(pid))" } ?? "pid \(pid)" }

  /// The name with the start time and the command line.
  fileprivate var description: String {
    if let entry {
      return "\(name) since \(entry.started.rfc3339), doing: \(entry.asked)"
    }
    guard user != nil, let started = ProcessFacts.startSeconds(of: pid),
      let asked = ProcessFacts.commandLine(of: pid)
    else { return "pid \(pid), which just ended" }
    let since = Date(timeIntervalSince1970: Double(started)).rfc3339
    return "\(name) since \(since), doing: \(asked)"
  }
}
