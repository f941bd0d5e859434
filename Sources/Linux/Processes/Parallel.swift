/// Work in parts that need nothing of each other.
package enum Parallel {
  /// Does all parts, on as many threads as there are parts, one of them the caller's own.
  ///
  /// A thread that can't be had is no failure: the caller then does that part as well.
  ///
  /// - Returns: what came of each, in their order.
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
