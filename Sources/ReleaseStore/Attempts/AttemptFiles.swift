internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The files in `.releases/attempts`: one sealed line each, for one run of a command.
///
/// A file is written when the attempt begins, and replaced when it ends. Its writer holds the lock of
/// the first file until then, so a free lock means that the process has ended.
package struct AttemptFiles: Sendable {
  /// How many records are kept.
  package static let limit = 100
  static let suffix = ".json"
  /// The mode of a record that is finished: the group of the store may read it.
  static let mode: FileMode = 0o640
  /// The mode until then. No other user can open the file, so no other user can lock it.
  static let modeWhileRunning: FileMode = 0o600

  let store: Store
}

extension Store {
  /// The records of deployments.
  package var attempts: AttemptFiles { AttemptFiles(store: self) }
}

extension AttemptFiles {
  /// Records that an attempt begins, durably, and removes the oldest records beyond the limit.
  ///
  /// - Parameters:
  ///   - attempt: the attempt.
  ///   - isRepeatable: whether an attempt with the same token, which has ended, may be replaced.
  /// - Returns: the locked file and the reserved space, which the caller keeps until the attempt has
  ///   ended.
  /// - Throws: `requestTaken` when there is a record with this token that may not be replaced, another
  ///   error when the file can't be written.
  package func begin(
    _ attempt: Attempt, replacing isRepeatable: (Attempt) throws(ReleasesError) -> Bool
  ) throws(ReleasesError) -> AttemptFile {
    let failure: Message = "can't record the \(attempt.noun) \(attempt.token)"
    try withErrorMessage(failure) { () throws(SystemError) in
      // The reports contain what hooks print, like the logs of hooks.
      if try store.control.makeDirectoryIfMissing(Layout.attempts, mode: 0o750) {
        try store.control.sync()
      }
    }
    let directory = try store.controlDirectory(Layout.attempts)
    let line = try SealedLine.seal(attempt) + [UInt8(ascii: "\n")]
    let name = fileName(attempt.token)
    let temporary = Layout.temporaryName(for: name, uniqueSuffix())
    let file = try withErrorMessage(failure) { () throws(SystemError) in
      let file = try directory.open(
        temporary, [.readWrite, .create, .exclusive, .noFollow], mode: Self.modeWhileRunning)
      do throws(SystemError) {
        _ = try file.tryLock()
        try file.write(line)
        try file.sync()
        return file
      } catch {
        try? directory.unlink(temporary)
        throw error
      }
    }
    do throws(ReleasesError) {
      try move(temporary, to: attempt.token, in: directory, replacing: isRepeatable)
      try withErrorMessage(failure) { () throws(SystemError) in try directory.sync() }
    } catch {
      try? directory.unlink(temporary)
      throw error
    }
    removeOldest(in: directory, except: name)
    return AttemptFile(file, for: name, in: directory)
  }

  /// Records how an attempt ended, durably.
  ///
  /// - Throws: an error when the file can't be written.
  package func end(_ attempt: Attempt, _ file: AttemptFile) throws(ReleasesError) {
    let directory = try store.controlDirectory(Layout.attempts)
    let line = try SealedLine.seal(attempt) + [UInt8(ascii: "\n")]
    let name = fileName(attempt.token)
    try withErrorMessage("can't record the outcome of the \(attempt.noun) \(attempt.token)") {
      () throws(SystemError) in
      if !file.replace(name, in: directory, with: line) {
        try directory.replaceFile(name, with: line, suffix: uniqueSuffix(), mode: Self.mode)
      }
      try directory.sync()
    }
  }

  func fileName(_ token: AttemptToken) -> String { token.text + Self.suffix }

  /// Removes the oldest records beyond the limit, except those of running attempts, and what a crash
  /// has left. What can't be removed is left for the next time.
  private func removeOldest(in directory: borrowing Descriptor, except current: String) {
    var records: [(name: String, modified: FileTime)] = []
    for entry in (try? directory.entries()) ?? [] where entry.isExact && entry.name != current {
      guard let status = try? directory.status(of: entry.name), status.kind == .file else {
        continue
      }
      if Layout.finalName(ofTemporary: entry.name) != nil {
        // A running attempt has such a file, and holds its lock.
        if Clock.now().seconds - status.modified.seconds > 3600,
          !isLocked(entry.name, in: directory)
        {
          try? directory.unlink(entry.name)
        }
      } else if entry.name.hasSuffix(Self.suffix) {
        records.append((entry.name, status.modified))
      }
    }
    records.sort { $0.modified > $1.modified }
    for record in records.dropFirst(Self.limit - 1) where !isLocked(record.name, in: directory) {
      try? directory.unlink(record.name)
    }
  }

  private func isLocked(_ name: String, in directory: borrowing Descriptor) -> Bool {
    guard let file = try? directory.openStoreFile(name, .attempt) else { return false }
    return Self.isLockedByWriter(file)
  }

  /// Whether the process of an attempt holds the lock of its record. Others can lock only a finished one.
  static func isLockedByWriter(_ file: borrowing Descriptor) -> Bool {
    guard let status = try? file.status(), status.isClosedToOthers else { return false }
    return (try? file.tryLock()) != true
  }
}
