package import Linux

/// Unpacks an archive in a process of its own, which can harm nothing but the stage.
package struct SandboxedUnpacker {
  /// What starts ``Worker/run()``: a program and its arguments.
  package var program = "/proc/self/exe"
  package var arguments = ["releases", "unpack-worker"]
  package var options: UnpackOptions
  /// They get the archive too, byte for byte as it is read. One that does not take all of it ends
  /// the unpacking.
  package var sinks: [ArchiveSink] = []
  /// Told now and then.
  package var progress: (UnpackProgress) -> Void = { _ in }
  /// Nil where nobody cares.
  package var spaceWatch: SpaceWatch?

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
