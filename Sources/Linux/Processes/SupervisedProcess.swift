/// A program with a time limit whose output is passed on while it runs. When the program ends
/// regularly, processes that it has started may continue; otherwise its whole process group is
/// ended.
package final class SupervisedProcess {
  /// How the program ended.
  package struct Completion: Sendable {
    /// Why it ended: regularly, at its time limit, or on request.
    package enum Reason: Sendable { case ended, timeUp, stopped }

    /// Why it ended.
    package let reason: Reason
    /// The exit status; nil when this user may not end the program, and it continues.
    package let ending: ChildProcess.Ending?
    /// A process of its group that this user may not end; nil when there is none.
    package let leftRunning: Int32?
  }

  /// The time between SIGTERM and SIGKILL, in seconds.
  package struct Grace: Sendable {
    /// The time after the program has reached its time limit.
    package let atTimeUp: Double
    /// The time after a request to stop.
    package let whenStopped: Double

    package init(atTimeUp: Double, whenStopped: Double) {
      self.atTimeUp = atTimeUp
      self.whenStopped = whenStopped
    }
  }

  /// How long to read remaining output after the program has ended, in seconds. A process that it
  /// has started may keep the output open.
  private static let drainTime = 0.2
  /// How long to wait after SIGKILL for the process to end, in seconds.
  private static let killTime = 2.0

  private let child: ChildProcess
  private let output: Descriptor
  private let cleanup: Signals.Cleanup
  private var isOver = false
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)

  /// Starts a program with empty input and one pipe for both of its outputs; see
  /// ``ChildProcess/start(_:_:environment:descriptors:directory:)``.
  ///
  /// - Parameters:
  ///   - path: the path of the program, absolute or relative to `directory`.
  ///   - arguments: the arguments, the program's own name first.
  ///   - environment: all environment variables of the program.
  ///   - directory: the working directory of the program.
  /// - Throws: `SystemError` if posix_spawn(3) or pipe2(2) fails.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String],
    directory: borrowing Descriptor
  ) throws(SystemError) {
    let nothing = try Descriptor.open("/dev/null")
    let pipe = try Pipe()
    let signals = Signals.holdTerminationForCleanup()
    defer { signals.release() }
    let child = try ChildProcess.start(
      path, arguments, environment: environment,
      descriptors: [nothing.raw, pipe.writing.raw, pipe.writing.raw], directory: directory.raw)
    output = try Descriptor.duplicate(pipe.reading.raw)
    self.child = child
    cleanup = Signals.onTermination { child.kill() }
  }

  deinit { cleanup.cancel() }

  /// Passes the output on until the program ends, its time limit expires, or `stop` returns true.
  ///
  /// - Parameters:
  ///   - seconds: the time limit, counted from the call.
  ///   - grace: the time between SIGTERM and KILL.
  ///   - stop: called ten times a second.
  ///   - take: receives the output piece by piece. The time limit is not checked while it runs.
  /// - Returns: how the program ended.
  package func run(
    within seconds: Double, grace: Grace, stop: () -> Bool, output take: ([UInt8]) -> Void
  ) -> Completion {
    let deadline = Clock.monotonicSeconds() + seconds
    var periodic = PeriodicCheck()
    while !child.hasEnded {
      if periodic.isTrue(stop) { return end(.stopped, grace: grace.whenStopped, take) }
      let left = deadline - Clock.monotonicSeconds()
      if left <= 0 { return end(.timeUp, grace: grace.atTimeUp, take) }
      listen(seconds: min(left, PeriodicCheck.interval), take)
    }
    listen(upTo: Self.drainTime, take, until: nil)
    return Completion(reason: .ended, ending: child.wait(), leftRunning: nil)
  }

  private func end(
    _ reason: Completion.Reason, grace: Double, _ take: ([UInt8]) -> Void
  ) -> Completion {
    let isGone = { [child] in child.hasEnded && ProcessGroup.member(of: child.pid) == nil }
    child.terminate()
    listen(upTo: grace, take, until: isGone)
    child.kill()
    listen(upTo: Self.killTime, take, until: isGone)
    listen(upTo: Self.drainTime, take, until: nil)
    let left = ProcessGroup.member(of: child.pid)
    guard child.hasEnded else {
      child.abandon()
      return Completion(reason: reason, ending: nil, leftRunning: left ?? child.pid)
    }
    return Completion(reason: reason, ending: child.wait(), leftRunning: left)
  }

  /// Passes output on for this number of seconds, or until `isDone` returns true; without `isDone`,
  /// until the output is at its end.
  private func listen(
    upTo seconds: Double, _ take: ([UInt8]) -> Void, until isDone: (() -> Bool)?
  ) {
    let deadline = Clock.monotonicSeconds() + seconds
    var periodic = PeriodicCheck()
    while case let left = deadline - Clock.monotonicSeconds(), left > 0 {
      if let isDone {
        if periodic.isTrue(isDone) { return }
      } else if isOver {
        return
      }
      listen(seconds: min(left, PeriodicCheck.interval), take)
    }
  }

  /// Passes on the output that is there, or waits up to this number of seconds for some.
  private func listen(seconds: Double, _ take: ([UInt8]) -> Void) {
    guard !isOver else {
      // A program that closes its output usually ends soon.
      Clock.sleep(seconds: min(seconds, 0.01))
      return
    }
    do throws(SystemError) {
      guard try output.waitReadable(seconds: seconds) else { return }
      let count = try output.read(into: &chunk)
      isOver = count == 0
      if count > 0 { take(Array(chunk[..<count])) }
    } catch {
      isOver = true
    }
  }
}
