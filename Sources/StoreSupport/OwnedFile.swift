package import Linux
package import ReleaseModel

/// A file that decides what this tool does: nobody but the store's owner and root may have a say
/// in it.
package enum OwnedFile {
  /// Opens one. Whatever else the name may stand for, opening it does not block, and a link is not
  /// followed: one owner and mode have to say who may change it.
  ///
  /// - Parameters:
  ///   - name: beneath the directory, or absolute.
  ///   - store: the store's own directory.
  ///   - path: in full, for messages.
  ///   - code: of what the file is, where that is wrong; writable by others is `unsafeOwner`.
  ///   - instead: what to do about a file that is not a regular one.
  /// - Returns: nil when there is none.
  package static func open(
    _ name: String, in store: borrowing Descriptor, path: String, _ code: ReleasesError.Code,
    instead: Hint
  ) throws(ReleasesError) -> Descriptor? {
    guard let file = try open(name, in: store, path: path, code) else { return nil }
    let doing = "can't look at \(path)"
    let status = try attempting(doing) { () throws(SystemError) in try file.status() }
    let owner = try attempting(doing) { () throws(SystemError) in try store.status() }.owner
    guard status.kind == .file else {
      throw ReleasesError(code, "\(path) is not a regular file", hint: instead)
    }
    guard status.owner == owner || status.owner == 0 else {
      throw ReleasesError(
        .unsafeOwner,
        "\(path) belongs to user \(status.owner), neither the store's owner nor root",
        hint: Hint("give it to the store's owner", shell: "chown \(owner) \(path)"))
    }
    guard status.permissions & 0o022 == 0 else {
      throw ReleasesError(
        .unsafeOwner, "\(path) may be written by its group or by others",
        hint: Hint("take the permission away", shell: "chmod go-w \(path)"))
    }
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
        code, "\(path) is a symbolic link",
        hint: "put the file itself there, so that one owner and mode say who may change it")
    } catch {
      throw ReleasesError("can't open \(path)", error)
    }
  }
}
