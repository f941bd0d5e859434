/// A program whose output is captured, with limits on its time and on the size of its output. It is
/// killed and waited for at the end of the object's lifetime, and when a signal ends this process.
package final class CapturedProcess: Sendable {
  /// How the program ended, and its output.
  package struct Result: Sendable {
    /// How it ended; nil when it was killed at its time limit or on request.
    package let ending: ChildProcess.Ending?
    /// The beginning of its standard output.
    package let output: [UInt8]
    /// The beginning of its standard error.
    package let errors: [UInt8]

    package init(ending: ChildProcess.Ending?, output: [UInt8], errors: [UInt8]) {
      self.ending = ending
      self.output = output
      self.errors = errors
    }
  }

  /// The number of bytes that are kept of each stream; the rest is read and dropped.
  package static let limit = 1 << 20

  private let child: ChildProcess
  private let output: Descriptor
  private let errors: Descriptor
  private let cleanup: Signals.Cleanup

  /// Starts a program; see ``ChildProcess/start(_:_:environment:descriptors:directory:)``.
  ///
  /// - Parameters:
  ///   - path: the path of the program; PATH is not searched.
  ///   - arguments: the arguments, the program's own name first.
  ///   - environment: all environment variables of the program.
  ///   - input: the standard input of the program.
  ///   - others: the descriptors of this process that become 3, 4 and so on.
  /// - Throws: `SystemError` if posix_spawn(3) or pipe2(2) fails.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String],
    input: borrowing Descriptor, others: [Int32] = []
  ) throws(SystemError) {
    let output = try Pipe()
    let errors = try Pipe()
    let signals = Signals.holdTerminationForCleanup()
    defer { signals.release() }
    let child = try ChildProcess.start(
      path, arguments, environment: environment,
      descriptors: [input.raw, output.writing.raw, errors.writing.raw] + others)
    self.child = child
    cleanup = Signals.onTermination {
      child.kill()
      _ = child.wait()
    }
    self.output = try Descriptor.duplicate(output.reading.raw)
    self.errors = try Descriptor.duplicate(errors.reading.raw)
  }

  deinit {
    child.kill()
    _ = child.wait()
    cleanup.cancel()
  }

  /// Reads the output until the program has ended.
  ///
  /// - Parameters:
  ///   - seconds: the time limit, counted from the call.
  ///   - stop: called ten times a second; the program is killed when it returns true.
  /// - Returns: how the program ended, and its output.
  /// - Throws: `SystemError` if poll(2) or read(2) fails.
  package func result(
    within seconds: Double, stop: () -> Bool = { false }
  ) throws(SystemError) -> Result {
    let deadline = Clock.monotonicSeconds() + seconds
    var periodic = PeriodicCheck()
    var fromOutput = CapturedStream()
    var fromErrors = CapturedStream()
    while !fromOutput.isOver || !fromErrors.isOver {
      let left = max(deadline - Clock.monotonicSeconds(), 0)
      let ready = try output.waitReadable(
        fromOutput.isOver, and: errors, fromErrors.isOver,
        seconds: min(left, PeriodicCheck.interval))
      if ready.first { try fromOutput.take(from: output, limit: Self.limit) }
      if ready.second { try fromErrors.take(from: errors, limit: Self.limit) }
      if left == 0 || periodic.isTrue(stop) {
        child.kill()
        _ = child.wait()
        return Result(ending: nil, output: fromOutput.bytes, errors: fromErrors.bytes)
      }
    }
    // The process may have closed its output and still run.
    while !child.hasEnded {
      let left = deadline - Clock.monotonicSeconds()
      if left <= 0 || periodic.isTrue(stop) {
        child.kill()
        _ = child.wait()
        return Result(ending: nil, output: fromOutput.bytes, errors: fromErrors.bytes)
      }
      Clock.sleep(seconds: min(left, 0.005))
    }
    return Result(ending: child.wait(), output: fromOutput.bytes, errors: fromErrors.bytes)
  }
}

/// What has been read of one stream.
private struct CapturedStream {
  private(set) var bytes: [UInt8] = []
  private(set) var isOver = false
  private var chunk = [UInt8](repeating: 0, count: 16 << 10)

  mutating func take(from stream: borrowing Descriptor, limit: Int) throws(SystemError) {
    let got = try stream.read(into: &chunk)
    isOver = got == 0
    bytes += chunk[..<min(got, limit - bytes.count)]
  }
}
