internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension AttemptFiles {
  /// Reads all records. Those that can't be read are left out.
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
      return (try? read(token, in: directory))?.attempt
    }
  }

  /// Reads a record, and whether its process still runs.
  ///
  /// - Returns: nil when there is no such record.
  /// - Throws: `corrupt` for a record that is corrupt or not a regular file, `unsafeOwner` for one that
  ///   other users own or can write to, another error when it can't be read.
  package func attempt(
    _ token: AttemptToken
  ) throws(ReleasesError) -> (attempt: Attempt, isRunning: Bool)? {
    guard let directory = try openDirectory() else { return nil }
    return try read(token, in: directory)
  }

  /// Gives the record of an attempt that begins its name.
  ///
  /// - Throws: `requestTaken` when there is a record with this token that may not be replaced, another
  ///   error when the names can't be changed.
  func move(
    _ temporary: String, to token: AttemptToken, in directory: borrowing Descriptor,
    replacing isRepeatable: (Attempt) throws(ReleasesError) -> Bool
  ) throws(ReleasesError) {
    let name = fileName(token)
    // The process of the earlier attempt may be about to end, and a reader holds its lock for a moment.
    for _ in 1...20 {
      do throws(SystemError) {
        return try directory.move(temporary, to: directory, as: name)
      } catch let error where error.errno != .exists {
        throw ReleasesError("can't record the request \(token)", error)
      } catch {}
      guard let earlier = try read(token, in: directory) else { continue }
      let mayReplace = earlier.isRunning ? true : try isRepeatable(earlier.attempt)
      guard mayReplace else {
        throw ReleasesError(
          .requestTaken,
          "the \(earlier.attempt.noun) with the request \(token) has published or switched already",
          hint: Hint(
            "use another --request; see how that one ended", command: ["wait", token.text]))
      }
      if try replaceIfUnlocked(name, by: temporary, in: directory) { return }
      Clock.sleep(seconds: 0.05)
    }
    throw ReleasesError(
      .requestTaken, "a command with the request \(token) is still running",
      hint: Hint("see how it ends", command: ["wait", token.text]))
  }

  /// Replaces a record if no process has locked it. The lock is held meanwhile, so that of two processes
  /// only one replaces it.
  private func replaceIfUnlocked(
    _ name: String, by temporary: String, in directory: borrowing Descriptor
  ) throws(ReleasesError) -> Bool {
    try withErrorMessage("can't replace the record \(name)") { () throws(SystemError) in
      let file = try directory.openStoreFile(name, .attempt)
      if Self.isLockedByWriter(file) { return false }
      guard try file.tryLock() else {
        return try replaceInSteps(name, file, by: temporary, in: directory)
      }
      // Another process may have replaced it before the lock was taken.
      let (opened, there) = (try file.status(), try directory.statusIfPresent(of: name))
      guard opened.identity == there?.identity else { return false }
      try directory.rename(temporary, to: name)
      return true
    }
  }

  /// Replaces a finished record whose lock a reader holds. Of two processes that try, only one moves the
  /// record away, and only one gives its own the name.
  ///
  /// - Throws: `SystemError` when a name can't be changed.
  private func replaceInSteps(
    _ name: String, _ file: borrowing Descriptor, by temporary: String,
    in directory: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    let away = Layout.temporaryName(for: name, uniqueSuffix())
    try directory.rename(name, to: away)
    do throws(SystemError) {
      guard try directory.status(of: away).identity == file.status().identity else {
        // Another process has replaced it before.
        try directory.move(away, to: directory, as: name)
        return false
      }
      try directory.move(temporary, to: directory, as: name)
      try directory.unlink(away)
      return true
    } catch let error where error.errno == .exists {
      try directory.unlink(away)
      return false
    }
  }

  private func openDirectory() throws(ReleasesError) -> Descriptor? {
    let exists = try withErrorMessage("can't read the records of deployments") {
      () throws(SystemError) in
      try store.control.statusIfPresent(of: Layout.attempts) != nil
    }
    return exists ? try store.controlDirectory(Layout.attempts) : nil
  }

  private func read(
    _ token: AttemptToken, in directory: borrowing Descriptor
  ) throws(ReleasesError) -> (attempt: Attempt, isRunning: Bool)? {
    let path = store.path(Layout.control, Layout.attempts, fileName(token))
    let hint = Hint(
      "remove it, and see what the last commands did",
      shell:
        "rm -r \(path.shellWord) && releases --store \(store.path.shellWord) history --limit 10")
    let corrupt = ReleasesError(.corrupt, "the record \(path: path) is corrupt", hint: hint)
    // When the lock is free, the process may have replaced the file just before, so it is read again.
    for isLast in [false, true] {
      guard let file = try open(token, in: directory, path, hint) else { return nil }
      guard let bytes = try? file.readAll(limit: Int(StoreFile.attempt.sizeLimit)),
        let attempt = SealedLine.open(Attempt.self, bytes.prefix { $0 != UInt8(ascii: "\n") }),
        attempt.exitStatus.map(Attempt.exitStatuses.contains) ?? true
      else { throw corrupt }
      if attempt.exitStatus != nil { return (attempt, false) }
      let isLocked = Self.isLockedByWriter(file)
      if isLocked || isLast { return (attempt, isLocked) }
    }
    return nil
  }

  /// Opens a record. Whatever is wrong with its kind, it can be removed.
  ///
  /// - Throws: `corrupt` for anything but a regular file, another error when it can't be opened.
  private func open(
    _ token: AttemptToken, in directory: borrowing Descriptor, _ path: String, _ hint: Hint
  ) throws(ReleasesError) -> Descriptor? {
    do throws(ReleasesError) {
      return try OwnedFile.open(
        fileName(token), .attempt, in: directory, path: path, .corrupt, notAFileHint: hint)
    } catch let error where error.code == .corrupt {
      throw ReleasesError(.corrupt, error.message, hint: hint)
    }
  }
}
