// The target Archive unpacks archives that are not trusted. It reads tar and zip, decides by
// rules what is accepted, and writes the tree into an empty stage, all in a sandboxed worker
// process. The parent process hashes the input, checks what the worker reports, and never decodes
// the archive itself. The target knows nothing of stores and releases, publishes nothing, and
// flushes nothing to the disk except in advance. It also writes small archives, see
// `ArchiveWriter`.
//
// Begin with this file, the entrance for the other targets, and follow `WorkerRun` (the parent) to
// `UnpackWorker` and `Unpacker` (the worker), then `Reading` (from bytes to members), `Rules` (from
// members to accepted entries) and `Writing` (from entries to files). `Model` holds the values.

package import Linux

/// Unpacks an archive in a sandboxed worker process, which can write only to the stage.
package struct SandboxedUnpacker {
  /// The program that runs ``UnpackWorker/run()``.
  package var program = "/proc/self/exe"
  /// The arguments of the program, its own name first.
  package var arguments = ["releases", "unpack-worker"]
  /// How to unpack.
  package var options: UnpackOptions
  /// The size that the archive must have in bytes; nil when it is unknown. An archive that ends
  /// earlier is reported as incomplete, whatever the worker found in it.
  package var expectedSize: Int64?
  /// The other processes that receive the archive as it is read. Unpacking ends when one of them
  /// does not read all of it.
  package var sinks: [ArchiveSink] = []
  /// How long the sender may pause, in seconds; nil for any time.
  package var pauseLimit: Int?
  /// How long the archive may take to arrive, in seconds; nil for any time.
  package var arrivalLimit: Int?
  /// Receives the progress about ten times a second.
  package var progress: (UnpackProgress) -> Void = { _ in }
  /// Frees space while the archive is unpacked; nil if that is not wanted.
  package var spaceWatch: SpaceWatch?

  package init(options: UnpackOptions) { self.options = options }

  /// Unpacks an archive. The tree is not durable when this returns. After an error, the content of
  /// the stage is unusable.
  ///
  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from its current position to its end.
  ///   - stage: an empty directory that no other process writes to.
  /// - Returns: the tree, and the digest and size of the archive.
  /// - Throws: `ArchiveError` when the archive is rejected, or the worker fails or is stopped.
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
