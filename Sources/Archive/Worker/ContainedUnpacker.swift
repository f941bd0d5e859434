package import Linux

/// How far an unpacking has come.
package struct UnpackProgress: Hashable, Sendable {
  /// Of the archive, in bytes.
  package var read: Int64 = 0
  /// Files, directories and links that are done.
  package var entries = 0
  /// Content written, in bytes.
  package var written: Int64 = 0
}

/// What came out of an archive, and what it was.
package struct UnpackResult: Sendable {
  package let tree: UnpackedTree
  /// SHA-256 of the archive, from where it stood to its end.
  package let digest: Digest
  /// Of the archive, in bytes.
  package let size: Int64
  /// The sandbox layers that held around the worker, and those that were missing.
  package let containment: Containment.State
}

/// Who looks after the room on the file system while an archive is unpacked.
package struct RoomWatch {
  /// Asked some ten times a second; true when something has to be done.
  package let isShort: () -> Bool
  /// Does it, while the worker stands still; false ends the unpacking with `stopped`.
  package let makeRoom: () -> Bool

  package init(isShort: @escaping () -> Bool, makeRoom: @escaping () -> Bool) {
    self.isShort = isShort
    self.makeRoom = makeRoom
  }
}

/// Unpacks an archive in a process of its own, which can harm nothing but the stage.
package struct ContainedUnpacker {
  /// What starts ``Worker/run()``: a program and its arguments.
  package var program = "/proc/self/exe"
  package var words = ["releases", "unpack-worker"]
  package var options: UnpackOptions
  /// They get the archive too, byte for byte as it is read. One that does not take all of it ends
  /// the unpacking.
  package var listeners: [Sink] = []
  /// Told now and then.
  package var progress: (UnpackProgress) -> Void = { _ in }
  /// Nil where nobody cares.
  package var room: RoomWatch?

  package init(options: UnpackOptions) { self.options = options }

  /// Nothing is flushed to the disk. On any error, what has been written is of no use.
  ///
  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from where it stands to its end.
  ///   - stage: an empty directory that nobody else writes to.
  package func unpack(
    from archive: borrowing Descriptor, into stage: borrowing Descriptor
  ) throws(ArchiveError) -> UnpackResult {
    let run: WorkerRun
    do throws(SystemError) {
      run = try WorkerRun(self, archive: archive, stage: stage)
    } catch {
      throw ArchiveError(error)
    }
    return try run.result()
  }
}
