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
  ///   - store: the directory of the store.
  ///   - path: the full path, for messages.
  ///   - code: the error code for a file that is not a regular one.
  ///   - notAFileHint: what to do about a file that is not a regular one.
  /// - Returns: nil when the file does not exist.
  /// - Throws: `unsafeOwner` when other users own the file or can write to it, `code` when it is
  ///   not a regular file, another error when it can't be opened.
  package static func open(
    _ name: String, in store: borrowing Descriptor, path: String, _ code: ReleasesError.Code,
    notAFileHint: Hint
  ) throws(ReleasesError) -> Descriptor? {
    guard let file = try open(name, in: store, path: path, code) else { return nil }
    let failure: Message = "can't read the status of \(path: path)"
    let status = try withErrorMessage(failure) { () throws(SystemError) in try file.status() }
    let ownership = try Ownership(of: store, path: "the store of \(path)")
    guard status.kind == .file else {
      throw ReleasesError(code, "\(path: path) is not a regular file", hint: notAFileHint)
    }
    try ownership.refuse(status, at: path, .file)
    return file
  }

  private static func open(
    _ name: String, in store: borrowing Descriptor, path: String, _ code: ReleasesError.Code
  ) throws(ReleasesError) -> Descriptor? {
    do throws(SystemError) {
      return try store.open(name, [.noFollow, .nonBlocking])
    } catch let error where error.errno == .noEntry {
      return nil
    } catch let error where error.errno == .tooManyLinks {
      throw ReleasesError(
        code, "\(path: path) is a symbolic link",
        hint: "replace the link with the file itself, so that its owner and mode can be checked")
    } catch {
      throw ReleasesError("can't open \(path: path)", error)
    }
  }
}
