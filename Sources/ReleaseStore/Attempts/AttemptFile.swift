internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Synchronization

/// The file of an attempt that is under way, and a second file with reserved space for its outcome. The
/// disk may be full when the attempt ends.
package final class AttemptFile: Sendable {
  /// The space that is reserved, in bytes. Most reports take a few thousand.
  private static let reservation: Int64 = 65_536

  /// The locked file. The kernel releases the lock when this object or the process ends.
  private let lock: Descriptor
  private let reserved: Mutex<ReservedFile?>

  /// - Parameters:
  ///   - lock: the locked file.
  ///   - name: its name.
  ///   - directory: the directory of both files.
  init(_ lock: consuming Descriptor, for name: String, in directory: borrowing Descriptor) {
    self.lock = lock
    // Without space for it, the outcome is written when there is one.
    reserved = Mutex(ReservedFile(for: name, in: directory, bytes: Self.reservation))
  }

  /// Replaces the file by the reserved one.
  ///
  /// - Parameters:
  ///   - name: the name of the file.
  ///   - directory: the directory of both files.
  ///   - line: the new content.
  /// - Returns: false if nothing is reserved, or the reserved file can't be used.
  func replace(
    _ name: String, in directory: borrowing Descriptor, with line: [UInt8]
  ) -> Bool {
    reserved.withLock { reserved in
      guard let file = reserved.take() else { return false }
      return file.write(line, as: name, in: directory)
    }
  }
}

/// A file under a temporary name, whose blocks exist before they are needed.
private struct ReservedFile: ~Copyable, Sendable {
  private let temporary: String
  private let file: Descriptor

  /// Makes the file; nil without the space.
  init?(for name: String, in directory: borrowing Descriptor, bytes: Int64) {
    let temporary = Layout.temporaryName(for: name, uniqueSuffix())
    guard
      let file = try? directory.open(
        temporary, [.readWrite, .create, .exclusive, .noFollow],
        mode: AttemptFiles.modeWhileRunning)
    else { return nil }
    do throws(SystemError) {
      // The removal of what a crash has left skips a file that is locked.
      _ = try file.tryLock()
      try file.allocate(bytes)
    } catch {
      try? directory.unlink(temporary)
      return nil
    }
    self.temporary = temporary
    self.file = file
  }

  /// Gives the file a content and its final name. The caller flushes the directory.
  ///
  /// - Returns: whether that worked; if not, the file is removed.
  consuming func write(
    _ line: [UInt8], as name: String, in directory: borrowing Descriptor
  ) -> Bool {
    do throws(SystemError) {
      try file.write(line, at: 0)
      try file.truncate(to: Int64(line.count))
      try file.setPermissions(AttemptFiles.mode)
      try file.sync()
      try directory.rename(temporary, to: name)
      return true
    } catch {
      try? directory.unlink(temporary)
      return false
    }
  }
}
