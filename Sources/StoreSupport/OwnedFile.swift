package import Linux
package import ReleaseModel
internal import Text

/// Opens files that decide what this tool does, so that only the store's owner and root may be able
/// to change them.
package enum OwnedFile {
  /// Opens a file and checks its owner and mode. Links are not followed, so that the owner and mode
  /// of one file decide who may change it. Opening never blocks, even if the file is a pipe.
  ///
  /// - Parameters:
  ///   - name: the path of the file, relative to the store or absolute.
  ///   - kind: what the file is.
  ///   - store: the directory of the store.
  ///   - path: the full path, for messages.
  ///   - code: the error code for a file that is not a regular one.
  ///   - notAFileHint: what to do about a file that is not a regular one.
  /// - Returns: nil when the file does not exist.
  /// - Throws: `unsafeOwner` when other users own the file or can write to it, `code` when it is
  ///   not a regular file, another error when it can't be opened.
  package static func open(
    _ name: String, _ kind: StoreFile, in store: borrowing Descriptor, path: String,
    _ code: ReleasesError.Code, notAFileHint: Hint
  ) throws(ReleasesError) -> Descriptor? {
    let opened = try openFile(
      name, kind, in: store, path: path, code, notAFileHint: notAFileHint)
    guard let file = opened else { return nil }
    let failure: Message = "can't read the status of \(path: path)"
    let status = try withErrorMessage(failure) { () throws(SystemError) in try file.status() }
    try Ownership(of: store, path: path).refuse(status, at: path, .file)
    return file
  }

  private static func openFile(
    _ name: String, _ kind: StoreFile, in store: borrowing Descriptor, path: String,
    _ code: ReleasesError.Code, notAFileHint: Hint
  ) throws(ReleasesError) -> Descriptor? {
    do throws(SystemError) {
      return try store.openStoreFile(name, kind)
    } catch let error where error.errno == .noEntry {
      return nil
    } catch let error where error.errno == .tooManyLinks {
      throw ReleasesError(
        code, "\(path: path) is a symbolic link",
        hint: "replace the link with the file itself, so that its owner and mode can be checked")
    } catch let error where error.errno == .isADirectory || error.errno == .notAFile {
      throw ReleasesError(code, "\(path: path) is not a regular file", hint: notAFileHint)
    } catch let error where error.errno == .fileTooBig {
      throw ReleasesError(
        code, "\(path: path) is larger than \(ByteSize(bytes: kind.sizeLimit))", hint: notAFileHint)
    } catch {
      throw ReleasesError("can't open \(path: path)", error)
    }
  }
}
