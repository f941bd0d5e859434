internal import Linux

/// Writes a new file.
final class FileWriter {
  private var file: Descriptor?
  private let permissions: FileMode
  private let inheritance: Inheritance
  private var endsInHole = false
  /// The size so far in bytes, holes included.
  private(set) var size: Int64 = 0

  /// Makes the file.
  ///
  /// - Throws: `ArchiveError` when the name exists.
  init(
    _ name: String, in directory: borrowing Descriptor, _ permissions: FileMode,
    _ inheritance: Inheritance
  ) throws(ArchiveError) {
    (self.permissions, self.inheritance) = (permissions, inheritance)
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

  /// Sets the permissions and the time, closes the file, and returns its permissions. Call it only
  /// once.
  ///
  /// - Throws: `ArchiveError` when the file can't be changed or closed.
  func finish(_ modified: FileTime) throws(ArchiveError) -> FileMode {
    guard let file = file.take() else { preconditionFailure("the file is finished already") }
    do throws(SystemError) {
      if endsInHole { try file.truncate(to: size) }
      // A umask may have cleared some bits. Reading the mode is much cheaper than setting it.
      let found = try file.status().permissions
      let wanted = inheritance.permissions(ofFile: found, wanted: permissions)
      if found != wanted { try file.setPermissions(wanted) }
      try file.setModified(modified)
      try file.close()
      return wanted
    } catch {
      throw ArchiveError(error)
    }
  }
}
