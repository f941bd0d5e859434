package import Linux

extension SandboxedUnpacker {
  /// How long the worker may take to report its sandbox layers, in seconds.
  private static let probeTimeout = 10.0

  /// Starts a worker that enters its sandbox, reports the active layers, and exits.
  ///
  /// - Parameter directory: the directory that the worker is confined to; nothing is written there.
  /// - Returns: the active sandbox layers, and those that are missing.
  /// - Throws: `ArchiveError` when no worker can be started, or it does not exit with 0 in time.
  package func probe(
    confinedTo directory: borrowing Descriptor
  ) throws(ArchiveError) -> Sandbox.State {
    let request = WorkerRequest(options, isProbe: true).encoded()
    let result: CapturedProcess.Result
    do throws(SystemError) {
      let input = try Pipe()
      // The request fits into any pipe, so this write does not block.
      try input.writing.write(request)
      result = try CapturedProcess(
        program, arguments, environment: [:], input: input.reading, others: [directory.raw]
      ).result(within: Self.probeTimeout)
    } catch {
      throw ArchiveError(error)
    }
    var decoder = MessageDecoder()
    decoder.add(result.output)
    guard case .message(let message)? = decoder.next() else {
      throw ArchiveError(.workerEnded(WorkerRun.described(result.ending, result.errors)))
    }
    switch message {
    case .sandboxed(let state) where result.ending == .exited(0):
      return try checked(state, &decoder)
    case .failed(let error): throw error
    default: throw ArchiveError(.workerEnded(WorkerRun.described(result.ending, result.errors)))
    }
  }

  private func checked(
    _ state: Sandbox.State, _ decoder: inout MessageDecoder
  ) throws(ArchiveError) -> Sandbox.State {
    if case .message(.failed(let error))? = decoder.next() { throw error }
    return state
  }
}
