package import Linux
package import ReleaseModel
internal import StoreSupport

/// The files in `.releases/attempts`: one sealed line each, for one run of `deploy`.
///
/// A file is written when the attempt begins, and replaced when it ends. Its writer holds the lock of
/// the first file until then, so a free lock means that the process has ended.
package struct AttemptFiles: Sendable {
  /// How many records are kept.
  package static let limit = 100
  /// The maximum size of a record that is read, in bytes.
  private static let sizeLimit = 4 << 20
  private static let suffix = ".json"
  /// Other users can neither read a record nor take its lock.
  private static let mode: FileMode = 0o640

  let store: Store
}

extension Store {
  /// The records of deployments.
  package var attempts: AttemptFiles { AttemptFiles(store: self) }
}

extension AttemptFiles {
  /// Records that an attempt begins, durably, and removes the oldest records beyond the limit.
  ///
  /// - Returns: the locked file, which the caller keeps open until the attempt has ended.
  /// - Throws: `requestTaken` when there is a record with this token, another error when the file
  ///   can't be written.
  package func begin(_ attempt: Attempt) throws(ReleasesError) -> Descriptor {
    let failure = "can't record the deployment \(attempt.token)"
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
    do throws(SystemError) {
      let file = try directory.open(
        temporary, [.readWrite, .create, .exclusive, .noFollow], mode: Self.mode)
      do throws(SystemError) {
        _ = try file.tryLock()
        try file.write(line)
        try file.sync()
        try directory.move(temporary, to: directory, as: name)
      } catch {
        try? directory.unlink(temporary)
        throw error
      }
      try directory.sync()
      removeOldest(in: directory, except: name)
      return file
    } catch let error where error.errno == .exists {
      guard read(attempt.token, in: directory) != nil else { throw unreadable(attempt.token) }
      throw ReleasesError(
        .requestTaken, "a deployment with the request \(attempt.token) already exists",
        hint: Hint(
          "deploy with another --request; see how that one ended",
          command: ["wait", attempt.token.text]))
    } catch {
      throw ReleasesError(failure, error)
    }
  }

  /// The error for a file with the name of a record that is no record.
  private func unreadable(_ token: AttemptToken) -> ReleasesError {
    let path = store.path(Layout.control, Layout.attempts, fileName(token))
    return ReleasesError(
      .requestTaken, "\(path) is not a record of a deployment, or is corrupt",
      hint: Hint(
        "deploy with another --request, or move the file out of the way",
        shell: "mv -T \(path.shellWord) \("\(path).old".shellWord)"))
  }

  /// Records how an attempt ended, durably.
  ///
  /// - Throws: an error when the file can't be written.
  package func end(_ attempt: Attempt) throws(ReleasesError) {
    let directory = try store.controlDirectory(Layout.attempts)
    let line = try SealedLine.seal(attempt) + [UInt8(ascii: "\n")]
    try withErrorMessage("can't record the outcome of the deployment \(attempt.token)") {
      () throws(SystemError) in
      try directory.replaceFile(
        fileName(attempt.token), with: line, suffix: uniqueSuffix(), mode: Self.mode)
      try directory.sync()
    }
  }

  /// Reads all records. Corrupt ones are left out.
  ///
  /// - Throws: an error when the directory can't be read.
  package func all() throws(ReleasesError) -> [Attempt] {
    guard let directory = try openDirectory() else { return [] }
    let entries = try withErrorMessage("can't list the records of deployments") {
      () throws(SystemError) in
      try directory.entries()
    }
    return entries.compactMap { entry in
      guard entry.name.hasSuffix(Self.suffix),
        let token = AttemptToken(String(entry.name.dropLast(Self.suffix.count)))
      else { return nil }
      return read(token, in: directory)?.attempt
    }
  }

  /// Reads a record, and whether its process still runs.
  ///
  /// - Returns: nil when there is no such record, or it is corrupt.
  /// - Throws: an error when the directory can't be read.
  package func attempt(
    _ token: AttemptToken
  ) throws(ReleasesError) -> (attempt: Attempt, isRunning: Bool)? {
    guard let directory = try openDirectory(), let found = read(token, in: directory) else {
      return nil
    }
    if found.attempt.exitStatus != nil || !found.isLocked { return (found.attempt, false) }
    return (found.attempt, true)
  }

  private func openDirectory() throws(ReleasesError) -> Descriptor? {
    let exists = try withErrorMessage("can't read the records of deployments") {
      () throws(SystemError) in
      try store.control.statusIfPresent(of: Layout.attempts) != nil
    }
    return exists ? try store.controlDirectory(Layout.attempts) : nil
  }

  private func fileName(_ token: AttemptToken) -> String { token.text + Self.suffix }

  private func read(
    _ token: AttemptToken, in directory: borrowing Descriptor
  ) -> (attempt: Attempt, isLocked: Bool)? {
    // When the lock is free, the process may have replaced the file just before, so it is read again.
    for isLast in [false, true] {
      guard let file = try? directory.open(fileName(token), [.noFollow, .nonBlocking]),
        let bytes = try? file.readAll(limit: Self.sizeLimit),
        let attempt = SealedLine.open(Attempt.self, bytes.prefix { $0 != UInt8(ascii: "\n") })
      else { return nil }
      if attempt.exitStatus != nil { return (attempt, false) }
      let isLocked = (try? file.tryLock()) != true
      if isLocked || isLast { return (attempt, isLocked) }
    }
    return nil
  }

  /// Removes the oldest records beyond the limit, except those of running attempts, and what a crash
  /// has left. What can't be removed is left for the next time.
  private func removeOldest(in directory: borrowing Descriptor, except current: String) {
    var records: [(name: String, modified: FileTime)] = []
    for entry in (try? directory.entries()) ?? [] where entry.isExact && entry.name != current {
      guard let status = try? directory.status(of: entry.name), status.kind == .file else {
        continue
      }
      if Layout.finalName(ofTemporary: entry.name) != nil {
        // A living process needs such a file for a moment.
        if Clock.now().seconds - status.modified.seconds > 3600 {
          try? directory.unlink(entry.name)
        }
      } else if entry.name.hasSuffix(Self.suffix) {
        records.append((entry.name, status.modified))
      }
    }
    records.sort { $0.modified > $1.modified }
    for record in records.dropFirst(Self.limit - 1) where !isRunning(record.name, in: directory) {
      try? directory.unlink(record.name)
    }
  }

  private func isRunning(_ name: String, in directory: borrowing Descriptor) -> Bool {
    guard let file = try? directory.open(name, [.noFollow, .nonBlocking]) else { return false }
    return (try? file.tryLock()) != true
  }
}
