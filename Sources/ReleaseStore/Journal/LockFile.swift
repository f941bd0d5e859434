internal import Linux
package import ReleaseModel
internal import StoreSupport

/// `.releases/lock`, held. Only the kernel's lock says that a command is running; the content tells
/// people which one, and tells recovery what it was doing.
package struct LockFile: ~Copyable {
  private let file: Descriptor
  /// `.releases/trash`, locked too: removing the lock file to "unlock" the store must not let a
  /// second writer in. Only the owner can open that directory, so no other user can lock it.
  private let directory: Descriptor
  /// The slot that was written last; nil when neither is valid.
  private var slot: Int?
  /// The last entry of the journal; nil when neither slot is valid.
  package private(set) var last: JournalEntry?

  /// After this time the caller is told which process holds the lock, in seconds.
  private static let noticeDelay = 1.0

  /// Waits for the lock and takes it.
  ///
  /// - Parameters:
  ///   - seconds: how long to wait.
  ///   - bootID: the ID of the current boot.
  ///   - waiting: gets the error that the wait ends in unless the holder releases the lock.
  /// - Throws: `locked` when another process holds it for longer than `seconds`, another error when
  ///   the journal can't be opened or read.
  package static func take(
    _ store: Store, waitingUpTo seconds: Double, bootID: String,
    waiting: (ReleasesError) -> Void
  ) throws(ReleasesError) -> LockFile {
    let deadline = Clock.monotonicSeconds() + seconds
    let directory = try store.controlDirectory(Layout.trash)
    var isFree = try attempting("can't lock the store") { () throws(SystemError) in
      try directory.lock(waitingUpTo: min(seconds, noticeDelay))
    }
    if !isFree, seconds > noticeDelay {
      waiting(try lockedByAnother(store, seconds, bootID: bootID))
      isFree = try attempting("can't lock the store") { () throws(SystemError) in
        try directory.lock(waitingUpTo: deadline - Clock.monotonicSeconds())
      }
    }
    guard isFree else { throw try lockedByAnother(store, seconds, bootID: bootID) }
    while true {
      let file = try open(store)
      let isOurs = try attempting("can't lock the store") { () throws(SystemError) in
        try file.lock(waitingUpTo: deadline - Clock.monotonicSeconds())
      }
      guard isOurs else { throw try lockedByAnother(store, seconds, bootID: bootID) }
      let isSame = try attempting("can't read the status of the lock") { () throws(SystemError) in
        try store.control.statusIfPresent(of: Layout.lock)?.isSameFile(as: try file.status())
      }
      // Another process replaced the file while we waited, so the lock we hold excludes nobody.
      guard isSame == true else { continue }
      return try LockFile(locked: file, directory, store)
    }
  }

  private init(
    locked file: consuming Descriptor, _ directory: consuming Descriptor, _ store: Store
  ) throws(ReleasesError) {
    let bytes = try attempting("can't read the journal") { () throws(SystemError) in
      try file.read(count: Int(JournalSlots.size), at: 0)
    }
    switch JournalSlots.parse(bytes) {
    case .entry(let entry, let slot): (last, self.slot) = (entry, slot)
    case .invalid: (last, slot) = (nil, nil)
    case .newer(let format): throw store.newerStore(format: format)
    }
    if bytes.count < Int(JournalSlots.size) {
      // The flush of the first entry makes the size and the name of the file durable too.
      try attempting("can't allocate the journal") { () throws(SystemError) in
        try file.allocate(JournalSlots.size)
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
    let kind = try attempting("can't read the status of \(lock)") { () throws(SystemError) in
      try file.status().kind
    }
    guard kind == .file else {
      throw ReleasesError(
        .failed, "\(lock) is a \(kind.word), not a file",
        hint: Hint(
          "move it out of the way, then rebuild the journal from the links", command: ["recover"]))
    }
    return file
  }

  /// Writes an entry durably to the slot that does not hold the last one.
  ///
  /// - Throws: an error when it can't be written; with ``ReleasesError/isLostWrite`` when the entry
  ///   may be on the disk all the same.
  package mutating func write(_ entry: JournalEntry) throws(ReleasesError) {
    let bytes = try JournalSlots.slot(entry)
    let next = slot.map { 1 - $0 } ?? 0
    do throws(SystemError) {
      try file.write(bytes, at: Int64(next * JournalSlots.slotSize))
      try file.syncData()
    } catch {
      let failure = ReleasesError("can't write the journal", error)
      throw holds(entry) ? failure.unsettled() : failure
    }
    slot = next
    last = entry
  }

  /// Makes durable what another process wrote.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  package func flush() throws(ReleasesError) {
    try attempting("can't flush the journal") { () throws(SystemError) in try file.syncData() }
  }

  /// Whether a failed write has written the entry nevertheless, so that recovery will act on it.
  private func holds(_ entry: JournalEntry) -> Bool {
    guard let bytes = try? file.read(count: Int(JournalSlots.size), at: 0),
      case .entry(let found, _) = JournalSlots.parse(bytes)
    else { return true }
    return found.sequence == entry.sequence
  }

  /// The error that says who holds the lock, since when, and for which command.
  private static func lockedByAnother(
    _ store: Store, _ seconds: Double, bootID: String
  ) throws(ReleasesError) -> ReleasesError {
    let holder = try store.journal.lockHolder(bootID: bootID)
    var hint = Hint("wait for it, longer with --wait 5m; see", command: ["status"])
    if let entry = holder?.entry, entry.awaitsConfirmation {
      let release = entry.id.map { "release \($0)" } ?? "the new release"
      hint = Hint("it waits for the health of \(release); to roll it back now", command: ["abort"])
    }
    return ReleasesError(
      .locked, "\(store.path) is locked by \(holder?.description ?? "another command")",
      hint: hint, cause: "waited \(TimeSpan(seconds: Int64(seconds)))")
  }
}
