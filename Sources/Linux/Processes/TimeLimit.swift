/// Limits the time of calls that may never return, such as reading from an unreachable file server.
package enum TimeLimit {
  /// Runs `body` on a new thread and waits for its result.
  ///
  /// - Parameters:
  ///   - seconds: the longest time to wait.
  ///   - body: the work.
  /// - Returns: the result; nil when the time limit has passed. The thread then continues, and its
  ///   result is dropped.
  /// - Throws: `SystemError` when the pipe or the thread can't be made.
  package static func run<Value: Sendable>(
    _ seconds: Double, _ body: @escaping @Sendable () -> Value
  ) throws(SystemError) -> Value? {
    let work = Work<Value>(bell: try Pipe())
    let thread = try Thread.start {
      work.result.put(body())
      try? work.bell.writing.write([0])
    }
    guard try work.bell.reading.waitReadable(seconds: seconds) else { return nil }
    thread.join()
    return work.result.value
  }

  private final class Work<Value: Sendable>: Sendable {
    let result = Mailbox<Value>()
    let bell: Pipe

    init(bell: consuming Pipe) { self.bell = bell }
  }
}
