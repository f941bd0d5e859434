internal import Linux

/// The worker process, which decodes the archive inside all sandbox layers of the kernel.
///
/// It reads the request and then the archive from standard input, and writes messages to standard
/// output. Descriptor 3 is the stage.
package enum UnpackWorker {
  private static let stageNumber: Int32 = 3
  /// The maximum memory for the tree, the decoders' windows and the batches, in bytes.
  private static let memory: UInt64 = 1 << 30
  /// The maximum number of open files, including those of ``DirectoryCache``.
  private static let openFiles: UInt64 = 128

  /// Runs the worker and returns its exit status: 0 when it could report its result, even an error.
  package static func run() -> Int32 {
    do throws(SystemError) {
      let output = try Descriptor.duplicate(1)
      do throws(ArchiveError) {
        try work(output)
      } catch {
        try output.write(WorkerMessage.failed(error).encoded())
      }
      return 0
    } catch {
      return 1
    }
  }

  private static func work(_ output: borrowing Descriptor) throws(ArchiveError) {
    let input = try withArchiveError { () throws(SystemError) -> Descriptor in try .duplicate(0) }
    let stage = try withArchiveError { () throws(SystemError) -> Descriptor in
      try .duplicate(stageNumber)
    }
    let request = try request(input)
    let options = request.options
    // A zip is copied to this file. It is made before the sandbox, since it may need a name for a
    // moment, and before anything of the archive is read.
    var copy =
      try request.isProbe
      ? nil
      : withArchiveError {
        () throws(SystemError) -> Descriptor? in try stage.openUnnamedFile()
      }
    let limits = ResourceLimits(
      memory: memory, processorTime: UInt64(max(options.limits.processorTime, 1)),
      // A zip is copied first, and it may be larger than its content.
      fileSize: UInt64(ZipReader.copyLimit(options.limits)), openFiles: openFiles)
    // Without a umask, files get the archive's permissions without a chmod, which would undo what
    // is inherited. The parent's umask is not affected.
    if !options.inheritance.isEmpty { FileCreation.clearMask() }
    let state = try withArchiveError { () throws(SystemError) in
      try Sandbox.enter(confinedTo: stage, limits)
    }
    let sender = try MessageSender(output)
    try sender.send(.sandboxed(state))
    if !options.accepts(state) {
      // The other process refuses the archive, which must not be decoded.
      return try sender.flush()
    }
    if let copy = copy.take() {
      let archive = try OpenArchive(input, copy: copy)
      let warnings = try Unpacker(options: options).run(from: archive, into: stage) {
        written throws(ArchiveError) in try sender.send(.written(written))
      }
      try sender.send(.finished(warnings: warnings))
    } else {
      // An unpacker starts threads next, so the probe tests that this works.
      try withArchiveError { () throws(SystemError) in try Linux.Thread.start {}.join() }
    }
    try sender.flush()
  }

  private static func request(
    _ input: borrowing Descriptor
  ) throws(ArchiveError) -> WorkerRequest {
    let length = try read(WorkerRequest.prefixSize, from: input)[...].number(at: 0, 8)
    guard let length, (0...WorkerRequest.lengthLimit).contains(length),
      let request = WorkerRequest(decoding: try read(Int(length), from: input))
    else { throw ArchiveError(.unreadable("not a request to unpack")) }
    return request
  }

  private static func read(
    _ count: Int, from input: borrowing Descriptor
  ) throws(ArchiveError) -> [UInt8] {
    do throws(SystemError) {
      return try input.readExactly(count)
    } catch {
      throw ArchiveError(error)
    }
  }
}
