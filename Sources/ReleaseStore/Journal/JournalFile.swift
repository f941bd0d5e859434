internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The journal in `.releases/lock`, read without the lock.
package struct JournalFile: Sendable {
  let store: Store
}

extension Store {
  /// The journal.
  package var journal: JournalFile { JournalFile(store: self) }
}

extension JournalFile {
  /// Reads the last entry; nil when the journal can't be read or neither slot is valid, which the
  /// next command that changes the store repairs.
  ///
  /// - Throws: `newerStore` when a newer binary wrote it.
  package func last() throws(ReleasesError) -> JournalEntry? {
    guard let file = try? store.control.openStoreFile(Layout.lock, .journal),
      let bytes = try? file.read(count: Int(JournalSlots.size), at: 0)
    else { return nil }
    switch JournalSlots.parse(bytes) {
    case .entry(let entry, _): return entry
    case .newer(let format): throw ReleasesError(newerFormat: format, of: store)
    case .invalid: return nil
    }
  }

  /// Whether this user may read the journal, as only the store's owner and group may.
  package var isReadable: Bool {
    do throws(SystemError) {
      _ = try store.control.openStoreFile(Layout.lock, .journal)
      return true
    } catch {
      return !error.errno.isRefusal
    }
  }

  /// Refuses the command if this user may not read the journal, which would otherwise be reported
  /// as missing.
  ///
  /// - Throws: `permission` if this user may not read the journal.
  package func refuseUnlessReadable() throws(ReleasesError) {
    guard !isReadable else { return }
    let path = store.path(Layout.control, Layout.lock)
    throw ReleasesError(
      .permission, "only the owner of the store may read the journal \(path: path)",
      hint: Hint(denied: SystemError(call: "openat", path: path, errno: .accessDenied)))
  }

  /// Finds the process that holds the lock.
  ///
  /// - Parameter bootID: the ID of the current boot.
  /// - Returns: nil when no process holds the lock any more, or its holder can't be seen.
  /// - Throws: `newerStore` when a newer binary wrote the journal.
  package func lockHolder(bootID: String) throws(ReleasesError) -> LockHolder? {
    if let entry = try last(), entry.phase == .intent, entry.writerIsAlive(bootID: bootID) {
      return LockHolder(user: entry.user, pid: entry.pid, entry: entry)
    }
    // Every command locks the trash, and this process may have done so before it met a script of the
    // owner that has locked only the journal.
    if let status = try? store.control.status(of: Layout.trash),
      let pid = ProcessFacts.lockHolders(of: status).first(where: { $0 != ProcessFacts.pid })
    {
      return LockHolder(user: ProcessFacts.userName(of: pid), pid: pid, entry: nil)
    }
    if let status = try? store.control.status(of: Layout.lock),
      let pid = LockHolder.ownersProcess(holding: status)
    {
      return LockHolder(user: ProcessFacts.userName(of: pid), pid: pid, entry: nil)
    }
    return nil
  }
}

extension JournalEntry {
  /// Whether the process that wrote the entry still runs, as far as this user can see.
  package func writerIsAlive(bootID: String) -> Bool {
    isAlive(pid, started: processStart, in: self.bootID, now: bootID)
  }
}

extension ConfirmationProgress {
  /// Whether the process that wrote this progress still runs.
  ///
  /// - Parameter bootID: the ID of the current boot.
  /// - Returns: false also for a file of an older version, which does not name its writer.
  package func writerIsAlive(bootID: String) -> Bool {
    guard let writer else { return false }
    return isAlive(writer.pid, started: writer.processStart, in: writer.bootID, now: bootID)
  }
}

/// Whether a process of a boot still runs. One that is hidden counts as running.
private func isAlive(
  _ pid: Int32, started: UInt64, in boot: String, now bootID: String
) -> Bool {
  guard bootID == boot else { return false }
  guard let start = ProcessFacts.startTime(of: pid) else { return ProcessFacts.isHidden(pid) }
  return start == started
}
