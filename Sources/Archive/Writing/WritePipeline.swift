internal import Linux

/// Lets one thread read and decode, another hash, and a third create and write.
///
/// What is to be written travels in batches of a fixed size, so many at a time and used again and
/// again: memory stays the same however large the archive is.
final class WritePipeline {
  private static let batchCount = 16

  private typealias Queue = BoundedQueue<WriteBatch>

  private let filled = Queue(capacity: WritePipeline.batchCount)
  private let hashed = Queue(capacity: WritePipeline.batchCount)
  private let empty = Queue(capacity: WritePipeline.batchCount)
  private let failure = Mailbox<ArchiveError>()
  private let writer: TreeWriter
  private var threads: [JoinedThread] = []
  private var batch = WriteBatch()

  /// The writer belongs to another thread from now on, until ``finish()`` has returned.
  init(_ writer: TreeWriter) throws(ArchiveError) {
    self.writer = writer
    for _ in 1..<Self.batchCount { _ = empty.push(WriteBatch()) }
    do throws(SystemError) {
      threads.append(try startHashing())
      threads.append(try startWriting())
    } catch {
      throw ArchiveError(error)
    }
  }

  deinit { stop() }

  func make(_ placement: Placement) throws(ArchiveError) {
    try passOnFullBatch()
    batch.add(.make(placement))
  }

  func append(_ piece: ContentPiece) throws(ArchiveError) {
    switch piece {
    case .hole(let count):
      try passOnFullBatch()
      batch.add(.hole(count))
    case .bytes(var bytes):
      while !bytes.isEmpty {
        try passOnFullBatch()
        bytes = UnsafeRawBufferPointer(rebasing: bytes[batch.addBytes(bytes)...])
      }
    }
  }

  func finishFile() throws(ArchiveError) {
    try passOnFullBatch()
    batch.add(.finishFile(nil))
  }

  /// Waits until all is written, the directories' modes and times last.
  func finish() throws(ArchiveError) {
    _ = filled.push(batch)
    stop()
    if let error = failure.value { throw error }
    try writer.finish()
  }

  private func passOnFullBatch() throws(ArchiveError) {
    if !batch.isFull { return }
    guard filled.push(batch), let next = empty.pop() else {
      stop()
      throw failure.value ?? ArchiveError(.truncated)
    }
    batch = next
  }

  /// Lets all that was passed on be written first.
  private func stop() {
    filled.close()
    for thread in threads { thread.join() }
    threads = []
  }
}

// MARK: - The other threads

extension WritePipeline {
  private func startHashing() throws(SystemError) -> JoinedThread {
    let (filled, hashed) = (filled, hashed)
    return try JoinedThread {
      let hasher = ContentHasher()
      while let batch = filled.pop() {
        batch.hash(with: hasher)
        if !hashed.push(batch) { break }
      }
      hashed.close()
    }
  }

  private func startWriting() throws(SystemError) -> JoinedThread {
    let (filled, hashed, empty, failure) = (filled, hashed, empty, failure)
    let handover = Handover(writer)
    return try JoinedThread {
      do throws(ArchiveError) {
        while let batch = hashed.pop() {
          try batch.carryOut(with: handover.value)
          _ = empty.push(batch)
        }
      } catch {
        failure.put(error)
        for queue in [filled, hashed, empty] { queue.close() }
      }
    }
  }
}

/// A thread that is waited for once, or when its owner goes.
private final class JoinedThread {
  private var thread: Linux.Thread?

  init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    thread = try Linux.Thread.start(body)
  }

  deinit { join() }

  func join() { thread.take()?.join() }
}

/// Carries something that is not Sendable to the one thread that is going to use it.
private struct Handover<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
