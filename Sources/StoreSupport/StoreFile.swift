package import Linux

/// The kinds of files that this program reads from a store. All of them are opened by
/// ``Linux/Descriptor/openStoreFile(_:_:_:mode:)``.
package enum StoreFile: CaseIterable, Sendable {
  case journal, history, tally, catalogEntry, manifest, freeze, abort, confirmation, attempt,
    instances
  case session, hookLog, configuration, trust

  /// The largest size in bytes. A larger file is not read, since this program writes no such file.
  package var sizeLimit: Int64 {
    switch self {
    // Only the two slots of a journal and the end of a log are read, and nothing of a session.
    case .journal, .hookLog, .session: .max
    // A million transactions in one file, as version 0.1 left them.
    case .history: 512 << 20
    case .manifest: 256 << 20
    case .attempt: 4 << 20
    case .tally, .catalogEntry, .configuration, .trust: 1 << 20
    case .freeze, .instances: 64 << 10
    case .abort, .confirmation: 4 << 10
    }
  }
}

extension Descriptor {
  /// Opens a file of a store. Whatever is in its place, this neither follows a link nor waits, and
  /// what is opened is a regular file whose size is bounded.
  ///
  /// - Parameters:
  ///   - name: the name of the file in this directory.
  ///   - kind: what the file is.
  ///   - flags: how it is opened. A file that is created must have `.create`.
  ///   - mode: the permissions of a new file, less the umask.
  /// - Returns: the file.
  /// - Throws: `SystemError` with ELOOP for a link, EISDIR for a directory, ``Linux/Errno/notAFile`` for
  ///   another special file, EFBIG for one that is larger than the limit; the error of open(2) when it
  ///   can't be opened.
  package func openStoreFile(
    _ name: String, _ kind: StoreFile, _ flags: OpenFlags = .readOnly, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    let file: Descriptor
    do throws(SystemError) {
      file = try open(name, flags.union([.noFollow, .nonBlocking]), mode: mode)
    } catch let error where error.errno == .noDevice {
      // A socket, or a pipe that no process reads.
      throw SystemError(call: error.call, path: error.path, errno: .notAFile)
    }
    let status = try file.status()
    guard status.kind == .file else {
      throw SystemError(
        call: "openat", path: file.path,
        errno: status.kind == .directory ? .isADirectory : .notAFile)
    }
    guard status.size <= kind.sizeLimit else {
      throw SystemError(call: "openat", path: file.path, errno: .fileTooBig)
    }
    return file
  }

  /// Reads a small file of a store.
  ///
  /// - Parameters:
  ///   - name: the name of the file in this directory.
  ///   - kind: what the file is.
  /// - Returns: its content.
  /// - Throws: what ``openStoreFile(_:_:_:mode:)`` throws; EFBIG for a file that grows beyond the limit.
  package func readStoreFile(_ name: String, _ kind: StoreFile) throws(SystemError) -> [UInt8] {
    try openStoreFile(name, kind).readAll(limit: Int(kind.sizeLimit))
  }
}

extension SystemError {
  /// Whether something that this program did not write is in the place of a file, or the disk can't
  /// read it.
  package var isUnusableFile: Bool {
    [.inputOutput, .isADirectory, .tooManyLinks, .fileTooBig, .notAFile].contains(errno)
  }
}
