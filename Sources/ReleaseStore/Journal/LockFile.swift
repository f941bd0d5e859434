internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The lock file `.releases/lock`, locked by this process. Only the kernel's lock means that a
/// command is running. The content shows people which command it is, and recovery what it was
/// doing.
package struct LockFile: ~Copyable {
  private let file: Descriptor
  /// The directory `.releases/trash`, whose lock every version takes first. It excludes all other
  /// writers: only the owner can open that directory, so no other user can lock it, and removing the
  /// lock file to "unlock" the store does not let a second writer in.
  private let directory: Descriptor
  /// The path of the store, for hints.
  private let storePath: String
  /// The slot that was written last; nil when neither is valid.
  private var slot: Int?
  /// The last entry of the journal; nil when neither slot is valid.
  package private(set) var last: JournalEntry?

  /// How long to wait before reporting which process holds the lock, in seconds.
  private static let noticeDelay = 1.0

  /// Waits for the lock and takes it.
  ///
  /// - Parameters:
  ///   - store: the store to lock.
  ///   - seconds: how long to wait.
  ///   - bootID: the ID of the current boot.
  ///   - waiting: is called once when the lock is not free, with the error that will be thrown
  ///     unless the holder releases the lock.
  /// - Returns: the locked file.
  /// - Throws: `locked` when another process holds it for longer than `seconds`, another error when
  ///   the journal can't be opened or read.
  package static func take(
    _ store: Store, waitingUpTo seconds: Double, bootID: String,
    waiting: (ReleasesError) -> Void
  ) throws(ReleasesError) -> LockFile {
    let deadline = Clock.monotonicSeconds() + seconds
    let directory = try store.controlDirectory(Layout.trash)
    closeToOthers(directory)
    var isFree = try withErrorMessage("can't lock the store") { () throws(SystemError) in
      try directory.lock(waitingUpTo: min(seconds, noticeDelay))
    }
    if !isFree, seconds > noticeDelay {
      waiting(try lockedByAnother(store, seconds, bootID: bootID))
      isFree = try withErrorMessage("can't lock the store") { () throws(SystemError) in
        try directory.lock(waitingUpTo: deadline - Clock.monotonicSeconds())
      }
    }
    guard isFree else { throw try lockedByAnother(store, seconds, bootID: bootID) }
    while true {
      let file = try open(store)
      let isOurs = try withErrorMessage("can't lock the store") { () throws(SystemError) in
        try lockUnlessReader(file, until: deadline)
      }
      guard isOurs else { throw try lockedByAnother(store, seconds, bootID: bootID) }
      let isSame = try withErrorMessage("can't read the status of the lock") {
        () throws(SystemError) in
        try store.control.statusIfPresent(of: Layout.lock)?.isSameFile(as: try file.status())
      }
      // Another process replaced the file while we waited, so this lock excludes no other writer.
      guard isSame == true else { continue }
      return try LockFile(locked: file, directory, store)
    }
  }

  /// Takes the permissions of other users from the directory with the lock. A copy or an older version
  /// of the store may have given them.
  private static func closeToOthers(_ directory: borrowing Descriptor) {
    guard let status = try? directory.status(), !status.isClosedToOthers else { return }
    // Only the owner may do it; a filter of system calls may refuse it.
    try? directory.setPermissions(0o700)
  }

  /// Locks the file, for scripts of the owner that exclude commands by its lock.
  ///
  /// Every user who may read the journal can lock it too. Such a lock is not waited for, since the
  /// lock of the trash has excluded all commands already.
  ///
  /// - Returns: false when a process of the owner or of root holds the lock until `deadline`.
  /// - Throws: `SystemError` when the file can't be locked.
  private static func lockUnlessReader(
    _ file: borrowing Descriptor, until deadline: Double
  ) throws(SystemError) -> Bool {
    while true {
      let left = deadline - Clock.monotonicSeconds()
      if try file.lock(waitingUpTo: min(left, 0.05)) { return true }
      if !LockHolder.isHeldByOwner(file) { return true }
      if left <= 0 { return false }
    }
  }

  private init(
    locked file: consuming Descriptor, _ directory: consuming Descriptor, _ store: Store
  ) throws(ReleasesError) {
    let bytes = try withErrorMessage("can't read the journal") { () throws(SystemError) in
      try file.read(count: Int(JournalSlots.size), at: 0)
    }
    switch JournalSlots.parse(bytes) {
    case .entry(let entry, let slot): (last, self.slot) = (entry, slot)
    case .invalid: (last, slot) = (nil, nil)
    case .newer(let format): throw ReleasesError(newerFormat: format, of: store)
    }
    if bytes.count < Int(JournalSlots.size) {
      // The flush of the first entry makes the size and the name of the file durable too.
      try withErrorMessage("can't allocate the journal") { () throws(SystemError) in
        try file.allocate(JournalSlots.size)
      }
    }
    self.file = file
    self.directory = directory
    storePath = store.path
  }

  private static func open(_ store: Store) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      do throws(SystemError) {
        return try store.control.openStoreFile(Layout.lock, .journal, .readWrite)
      } catch let error where error.errno == .noEntry {
        return try store.control.openStoreFile(
          Layout.lock, .journal, [.readWrite, .create], mode: 0o640)
      }
    } catch {
      let failure: Message = "can't open the lock of \(path: store.path)"
      guard error.isUnusableFile else { throw ReleasesError(failure, error) }
      throw ReleasesError(
        .failed, failure,
        hint: .moveAway(
          store.path(Layout.control, Layout.lock), store: store.path, then: "recover"),
        cause: Message(error))
    }
  }

  /// Writes an entry durably to the slot that does not hold the last one.
  ///
  /// - Throws: an error when it can't be written; with ``ReleasesError/isLostWrite`` when the entry
  ///   may nevertheless be on the disk.
  package mutating func write(_ entry: JournalEntry) throws(ReleasesError) {
    let bytes = try JournalSlots.slot(entry, storePath: storePath)
    let next = slot.map { 1 - $0 } ?? 0
    do throws(SystemError) {
      try file.write(bytes, at: Int64(next * JournalSlots.slotSize))
      try file.syncData()
    } catch {
      let failure = ReleasesError("can't write the journal", error)
      throw holds(entry) ? failure.asLostWrite() : failure
    }
    slot = next
    last = entry
  }

  /// Flushes what another process wrote to the journal.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  package func flush() throws(ReleasesError) {
    try withErrorMessage("can't flush the journal") { () throws(SystemError) in
      try file.syncData()
    }
  }

  /// Whether a failed write has written the entry after all, so that recovery will find it.
  private func holds(_ entry: JournalEntry) -> Bool {
    guard let bytes = try? file.read(count: Int(JournalSlots.size), at: 0),
      case .entry(let found, _) = JournalSlots.parse(bytes)
    else { return true }
    return found.sequence == entry.sequence
  }

  /// Returns the error that says which process holds the lock, since when, and for which command.
  ///
  /// - Throws: an error when the journal can't be read.
  private static func lockedByAnother(
    _ store: Store, _ seconds: Double, bootID: String
  ) throws(ReleasesError) -> ReleasesError {
    let holder = try store.journal.lockHolder(bootID: bootID)
    var hint = Hint("wait longer with --wait 5m, or see what it is doing", command: ["status"])
    if let entry = holder?.entry, entry.awaitsConfirmation {
      let release: Message = entry.id.map { "release \($0)" } ?? "the new release"
      hint = Hint(
        "it waits for the health of \(release); wait longer with --wait 5m, or abort the switch",
        command: ["abort"])
    }
    return ReleasesError(
      .locked, "\(path: store.path) is locked by \(holder?.description ?? "another command")",
      hint: hint, cause: "waited \(TimeSpan(seconds: Int64(seconds)))")
  }
}
