internal import Linux

/// Runs one worker from its start to its end, in the process that started it.
final class WorkerRun {
  /// The interval of progress reports and checks, in seconds.
  private static let tick = 0.1
  private static let pipeSize = 1 << 20
  /// The environment of the worker. It makes the times of a zip, which have no time zone, the same
  /// on every host. Without it, the C library would also read the host's zone twice for each
  /// member.
  private static let variables = ["TZ": "UTC0"]

  private let unpacker: SandboxedUnpacker
  private let child: ChildProcess
  private let feed: ArchiveFeed
  private let messages: Descriptor
  private let errorOutput: Descriptor
  private let cleanup: Signals.Cleanup
  private let flush: BackgroundFlusher
  private var feeder: Linux.Thread?

  private var reports: WorkerReports
  private var progress = UnpackProgress()
  private var lastProgress = Clock.monotonicSeconds()
  private let start = Clock.monotonicSeconds()
  /// When bytes of the archive last arrived, or could not be taken.
  private var lastArrival = Clock.monotonicSeconds()
  private var lastSpaceCheck = Clock.monotonicSeconds()

  init(
    _ unpacker: SandboxedUnpacker, archive: borrowing Descriptor, stage: borrowing Descriptor
  ) throws(SystemError) {
    self.unpacker = unpacker
    reports = WorkerReports(unpacker.options)
    let input = try Pipe()
    let output = try Pipe()
    let errors = try Pipe()
    input.widen(to: Self.pipeSize)
    output.widen(to: Self.pipeSize)
    let signals = Signals.holdTerminationForCleanup()
    defer { signals.release() }
    let child = try ChildProcess.start(
      unpacker.program, unpacker.arguments, environment: Self.variables,
      descriptors: [input.reading.raw, output.writing.raw, errors.writing.raw, stage.raw])
    self.child = child
    cleanup = Signals.onTermination {
      child.kill()
      _ = child.wait()
    }
    messages = try Descriptor.duplicate(output.reading.raw)
    errorOutput = try Descriptor.duplicate(errors.reading.raw)
    let toWorker = try Descriptor.duplicate(input.writing.raw)
    do throws(SystemError) {
      try toWorker.write(WorkerRequest(unpacker.options).encoded())
    } catch let error where error.errno == .brokenPipe {
      // A worker that has ended already is reported at the end.
    }
    flush = try BackgroundFlusher(stage)
    let feed = try ArchiveFeed(archive, to: [try ArchiveSink(toWorker)] + unpacker.sinks)
    self.feed = feed
    feeder = try Linux.Thread.start { feed.run() }
  }

  /// Waits for the end of the worker and returns its result.
  ///
  /// - Throws: `ArchiveError` when the worker failed, was stopped or died.
  func result() throws(ArchiveError) -> UnpackResult {
    try withArchiveError { () throws(SystemError) in try receive() }
    // The worker does not read the rest, so the feed can stop.
    if reports.tree == nil { feed.stop() }
    let ending = child.wait()
    feeder.take()?.join()
    unpacker.progress(progress)
    return try result(after: ending)
  }

  private func result(
    after ending: ChildProcess.Ending
  ) throws(ArchiveError) -> UnpackResult {
    if case .failed(let error) = feed.ending { throw ArchiveError(error) }
    if let failure = reports.failure { throw incomplete(failure) ?? failure }
    guard ending == .exited(0), let tree = reports.tree, let sandbox = reports.sandbox,
      case .complete(let digest, let size) = feed.ending
    else {
      if ending == .signaled(Signals.processorTimeExceeded) {
        throw ArchiveError(.rejected(.tooMuchProcessorTime))
      }
      let last = (try? errorOutput.readAll(limit: 1 << 20)) ?? []
      throw ArchiveError(.workerEnded(Self.described(ending, last)))
    }
    return UnpackResult(tree: tree, digest: digest, size: size, sandbox: sandbox)
  }

  /// Returns the error for an archive that ended too early, which explains what the worker found; nil
  /// for any other failure.
  private func incomplete(_ failure: ArchiveError) -> ArchiveError? {
    switch failure.code {
    case .truncated, .unreadable, .unsupported: break
    default: return nil
    }
    guard let expected = unpacker.expectedSize, case .complete(_, let size) = feed.ending,
      size < expected
    else { return nil }
    return ArchiveError(.sizeMismatch(expected: expected, found: size))
  }

  /// Describes how the worker ended, for a message.
  ///
  /// - Parameters:
  ///   - ending: how the process ended; nil when it took too long.
  ///   - errorOutput: what the worker printed on standard error.
  /// - Returns: the description, with the first line of the output.
  static func described(_ ending: ChildProcess.Ending?, _ errorOutput: [UInt8]) -> String {
    let how =
      switch ending {
      case nil: "did not end in time"
      case .exited(0): "ended before it had finished"
      case .exited(let status): "exited with status \(status)"
      case .signaled(let signal): "was killed by signal \(signal)"
      }
    let line = errorOutput.split(separator: UInt8(ascii: "\n")).first.map {
      displayed($0.prefix(200))
    }
    return line.map { "\(how): \($0)" } ?? how
  }

  deinit {
    child.kill()
    feed.stop()
    feeder.take()?.join()
    cleanup.cancel()
  }
}

// MARK: - Messages

extension WorkerRun {
  /// Handles messages until the worker closes its output or has to be stopped.
  ///
  /// - Throws: `SystemError` if poll(2) or read(2) fails.
  private func receive() throws(SystemError) {
    var decoder = MessageDecoder()
    while reports.failure == nil {
      if try messages.waitReadable(seconds: Self.tick) {
        guard try decoder.fill(from: messages) else { return }
        while reports.failure == nil, let next = decoder.next() {
          guard case .message(let message) = next else {
            return stop(.workerEnded("sent an invalid message"))
          }
          take(message)
        }
        lastProgress = Clock.monotonicSeconds()
      }
      checkProgress()
    }
  }

  private func take(_ message: WorkerMessage) {
    reports.take(message)
    if case .sandboxed(let state) = message, let layer = state.layerNotFound(in: child) {
      reports.fail(
        .workerEnded("reported a sandbox that the kernel does not show: \(layer.rawValue)"))
    }
    if reports.failure != nil { child.kill() }
    progress.entries = reports.entryCount
    progress.written = reports.written
    flush.advance(to: reports.written)
  }

  /// Reports progress, and stops the worker when it makes none although input is available.
  private func checkProgress() {
    let now = Clock.monotonicSeconds()
    let count = feed.count
    let isWaiting = feed.isWaitingForInput
    if count != progress.read || isWaiting { lastProgress = now }
    if count != progress.read || !isWaiting { lastArrival = now }
    progress.read = count
    unpacker.progress(progress)
    let limit = unpacker.options.limits.idleTime
    if now - lastProgress > Double(limit) {
      stop(.workerEnded("made no progress for \(limit) seconds"))
    }
    if let limit = unpacker.pauseLimit, now - lastArrival > Double(limit) {
      stop(.senderPaused(limit))
    }
    if let limit = unpacker.arrivalLimit, feed.ending == nil, now - start > Double(limit) {
      stop(.senderTooSlow(limit))
    }
    if reports.failure == nil, now - lastSpaceCheck >= Self.tick {
      lastSpaceCheck = now
      freeSpaceIfNeeded()
    }
  }

  /// Frees space if necessary. The worker is stopped during that, since it would use the freed
  /// space.
  private func freeSpaceIfNeeded() {
    guard let space = unpacker.spaceWatch, space.isShort() else { return }
    child.pause()
    let isSpaceFreed = space.freeSpace()
    child.resume()
    lastProgress = Clock.monotonicSeconds()
    lastArrival = lastProgress
    if !isSpaceFreed { stop(.stopped) }
  }

  private func stop(_ code: ArchiveError.Code) {
    reports.fail(code)
    child.kill()
  }
}
