/// Runs independent parts of a task on several threads.
package enum Parallel {
  /// Runs all parts, each on its own thread; the calling thread runs the first one. If a thread
  /// can't be started, the calling thread runs that part too.
  ///
  /// - Parameters:
  ///   - parts: the number of parts.
  ///   - body: runs the part of this number, counted from 0.
  /// - Returns: the results of all parts in their order.
  package static func map<Result: Sendable>(
    parts: Int, _ body: @escaping @Sendable (_ part: Int) -> Result
  ) -> [Result] {
    let boxes = (0..<parts).map { _ in Mailbox<Result>() }
    let threads = boxes.indices.dropFirst().map { part in
      try? JoinedThread { boxes[part].put(body(part)) }
    }
    boxes.first?.put(body(0))
    for thread in threads { thread?.join() }
    return boxes.indices.map { boxes[$0].value ?? body($0) }
  }
}
