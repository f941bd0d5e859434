internal import Linux

/// A new file while it is written.
final class FileWriter {
  private var file: Descriptor?
  private let permissions: FileMode
  private var endsInHole = false
  /// In bytes, holes included.
  private(set) var size: Int64 = 0

  /// Throws when there is anything of that name already.
  init(
    _ name: String, in directory: borrowing Descriptor, _ permissions: FileMode
  ) throws(ArchiveError) {
    self.permissions = permissions
    do throws(SystemError) {
      file = try directory.open(
        name, [.writeOnly, .create, .exclusive, .noFollow], mode: permissions)
    } catch {
      throw ArchiveError(error)
    }
  }

  func append(_ piece: ContentPiece) throws(ArchiveError) {
    do throws(SystemError) {
      switch piece {
      case .bytes(let bytes):
        try file?.write(bytes)
        endsInHole = false
      case .hole(let count):
        try file?.skip(count)
        endsInHole = true
      }
      size += piece.count
    } catch {
      throw ArchiveError(error)
    }
  }

  /// Sets the time, and closes. Only once.
  func finish(_ modified: FileTime) throws(ArchiveError) {
    guard let file = file.take() else { preconditionFailure("the file is finished already") }
    do throws(SystemError) {
      if endsInHole { try file.truncate(to: size) }
      // A umask or the directory's default access list may have taken something away. Looking
      // is far cheaper than setting.
      if try file.status().permissions != permissions { try file.setPermissions(permissions) }
      try file.setModified(modified)
      try file.close()
    } catch {
      throw ArchiveError(error)
    }
  }
}
