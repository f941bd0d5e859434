package import Linux

extension ContainedUnpacker {
  /// How long the worker may take to report its sandbox layers, in seconds.
  private static let probePatience = 10.0

  /// Starts a worker that enters its sandbox, reports which layers hold, and exits.
  ///
  /// - Parameter directory: the directory that the worker is confined to; nothing is written there.
  /// - Throws: `ArchiveError` when no worker can be started, or it does not exit with 0 in time.
  package func probe(
    confinedTo directory: borrowing Descriptor
  ) throws(ArchiveError) -> Containment.State {
    let request = WorkerRequest(options, isProbe: true).encoded()
    let result: CapturedProcess.Result
    do throws(SystemError) {
      let input = try Pipe()
      // The request fits into any pipe, so this write does not block.
      try input.writing.write(request)
      result = try CapturedProcess(
        program, words, environment: [:], input: input.reading, others: [directory.raw]
      ).result(within: Self.probePatience)
    } catch {
      throw ArchiveError(error)
    }
    var inbox = MessageInbox()
    inbox.add(result.output)
    guard case .message(let message)? = inbox.next() else {
      throw ArchiveError(.workerEnded(WorkerRun.described(result.ending, result.errors)))
    }
    switch message {
    case .contained(let state) where result.ending == .exited(0): return try after(state, &inbox)
    case .failed(let error): throw error
    default: throw ArchiveError(.workerEnded(WorkerRun.described(result.ending, result.errors)))
    }
  }

  private func after(
    _ state: Containment.State, _ inbox: inout MessageInbox
  ) throws(ArchiveError) -> Containment.State {
    if case .message(.failed(let error))? = inbox.next() { throw error }
    return state
  }
}
