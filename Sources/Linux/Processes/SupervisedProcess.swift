/// Another program that is listened to while it runs, with an end to its time. What it leaves
/// running when it ends by itself is left alone; when it is ended, all of its process group is.
package final class SupervisedProcess {
  /// What became of it.
  package struct Completion: Sendable {
    package enum Reason: Sendable { case ended, timeUp, stopped }

    package let reason: Reason
    /// Nil when it may not be ended, and runs on.
    package let ending: ChildProcess.Ending?
    /// One of its process group that may not be ended; nil when there is none.
    package let leftRunning: Int32?
  }

  /// How long it gets between TERM and KILL, in seconds.
  package struct Grace: Sendable {
    package let atTimeUp: Double
    package let whenStopped: Double

    package init(atTimeUp: Double, whenStopped: Double) {
      self.atTimeUp = atTimeUp
      self.whenStopped = whenStopped
    }
  }

  /// How long what it said last may take to arrive, in seconds: something that it has started may
  /// hold its output open for good.
  private static let drainTime = 0.2
  /// How long KILL may take, in seconds.
  private static let killTime = 2.0

  private let child: ChildProcess
  private let output: Descriptor
  private let cleanup: Signals.Cleanup
  private var isOver = false
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)

  /// Starts it with empty input and one pipe for both of its outputs, see
  /// ``ChildProcess/start(_:_:environment:descriptors:directory:)``.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String],
    directory: borrowing Descriptor
  ) throws(SystemError) {
    let nothing = try Descriptor.open("/dev/null")
    let pipe = try Pipe()
    let child = try ChildProcess.start(
      path, arguments, environment: environment,
      descriptors: [nothing.raw, pipe.writing.raw, pipe.writing.raw], directory: directory.raw)
    output = try Descriptor.duplicate(pipe.reading.raw)
    self.child = child
    cleanup = Signals.onTermination { child.kill() }
  }

  deinit { cleanup.cancel() }

  /// Listens until it ends, its time is up or `stop` says so.
  ///
  /// - Parameters:
  ///   - seconds: how long it may take from now on.
  ///   - stop: asked some ten times a second.
  ///   - take: given what it prints, as it comes; its time is not looked at meanwhile.
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

  /// Listens until so many seconds are over, or `isDone`; without it, until the output is.
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

  /// Takes what there is, or waits up to so many seconds for something.
  private func listen(seconds: Double, _ take: ([UInt8]) -> Void) {
    guard !isOver else {
      // Whoever closes its output is about to end, most often.
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
