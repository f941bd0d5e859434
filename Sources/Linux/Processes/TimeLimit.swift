/// Work that may never come back, such as reading from a file server that is gone.
package enum TimeLimit {
  /// Does it on a thread of its own.
  ///
  /// - Parameter seconds: how long to wait for it.
  /// - Returns: nil when it took longer. It then goes on by itself, and nobody hears of it.
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
