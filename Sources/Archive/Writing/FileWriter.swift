internal import Linux

/// A new file that is hashed while it is written.
final class FileWriter {
  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  private var file: Descriptor?
  private var hash: SHA256? = SHA256()
  private var endsInHole = false
  /// In bytes, holes included.
  private(set) var size: Int64 = 0

  /// Throws when there is anything of that name already.
  init(_ name: String, in directory: borrowing Descriptor) throws(ArchiveError) {
    do throws(SystemError) {
      file = try directory.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
    } catch {
      throw ArchiveError(error)
    }
  }

  func append(_ piece: ContentPiece) throws(ArchiveError) {
    do throws(SystemError) {
      switch piece {
      case .bytes(let bytes):
        try file?.write(bytes)
        hash?.update(bytes)
        size += Int64(bytes.count)
        endsInHole = false
      case .hole(let count):
        try file?.skip(count)
        hashZeros(count)
        size += count
        endsInHole = true
      }
    } catch {
      throw ArchiveError(error)
    }
  }

  /// Sets mode and time, closes, and returns the digest of the content. Only once.
  func finish(_ permissions: FileMode, _ modified: FileTime) throws(ArchiveError) -> Digest {
    guard let file = file.take(), let hash = hash.take() else {
      preconditionFailure("the file is finished already")
    }
    do throws(SystemError) {
      if endsInHole { try file.truncate(to: size) }
      try file.setPermissions(permissions)
      try file.setModified(modified)
      try file.close()
    } catch {
      throw ArchiveError(error)
    }
    return hash.finish()
  }

  private func hashZeros(_ count: Int64) {
    var rest = count
    while rest > 0 {
      let used = Int(min(rest, Int64(Self.zeros.count)))
      Self.zeros.withUnsafeBytes { hash?.update(UnsafeRawBufferPointer(rebasing: $0[..<used])) }
      rest -= Int64(used)
    }
  }
}
