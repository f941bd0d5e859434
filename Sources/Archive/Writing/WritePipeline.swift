internal import Linux

/// Lets one thread read and decode while another creates, writes and hashes.
///
/// What is to be written travels in batches of a fixed size, so many at a time and used again and
/// again: memory stays the same however large the archive is.
final class WritePipeline {
  private static let batchCount = 16

  private let full: BoundedQueue<WriteBatch>
  private let empty: BoundedQueue<WriteBatch>
  private let failure: Mailbox<ArchiveError>
  private let writer: TreeWriter
  private var thread: Linux.Thread?
  private var batch: WriteBatch

  /// The writer belongs to the other thread from now on, until ``finish()`` has returned.
  init(_ writer: TreeWriter) throws(ArchiveError) {
    let full = BoundedQueue<WriteBatch>(capacity: Self.batchCount)
    let empty = BoundedQueue<WriteBatch>(capacity: Self.batchCount)
    let failure = Mailbox<ArchiveError>()
    for _ in 1..<Self.batchCount { _ = empty.push(WriteBatch()) }
    (self.full, self.empty, self.failure, self.writer) = (full, empty, failure, writer)
    batch = WriteBatch()
    let handover = Handover(writer)
    thread = try system { () throws(SystemError) in
      try Linux.Thread.start {
        let writer = handover.value
        do throws(ArchiveError) {
          while let batch = full.pop() {
            try batch.carryOut(with: writer)
            _ = empty.push(batch)
          }
        } catch {
          failure.put(error)
          full.close()
          empty.close()
        }
      }
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
    batch.add(.finishFile)
  }

  /// Waits until all is written, the directories' modes and times last.
  func finish() throws(ArchiveError) {
    _ = full.push(batch)
    stop()
    if let error = failure.value { throw error }
    try writer.finish()
  }

  private func stop() {
    full.close()
    thread.take()?.join()
  }

  private func passOnFullBatch() throws(ArchiveError) {
    if !batch.isFull { return }
    guard full.push(batch), let next = empty.pop() else {
      stop()
      throw failure.value ?? ArchiveError(.truncated)
    }
    batch = next
  }
}

/// Steps of the writer, in order, with the content they need.
final class WriteBatch: @unchecked Sendable {
  enum Step {
    case make(Placement)
    /// So many of the batch's bytes, after those of the steps before.
    case bytes(Int)
    case hole(Int64)
    case finishFile
  }

  private static let stepLimit = 1024

  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  private var used = 0
  private var steps: [Step] = []

  init() { steps.reserveCapacity(Self.stepLimit) }

  deinit { buffer.deallocate() }

  var isFull: Bool { steps.count >= Self.stepLimit || used == buffer.count }

  func add(_ step: Step) { steps.append(step) }

  /// Copies as many as there is room for, and says how many.
  func addBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
    let count = min(bytes.count, buffer.count - used)
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[used...])
    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    used += count
    if case .bytes(let before) = steps.last {
      steps[steps.count - 1] = .bytes(before + count)
    } else {
      steps.append(.bytes(count))
    }
    return count
  }

  /// Does all steps and is empty again.
  fileprivate func carryOut(with writer: TreeWriter) throws(ArchiveError) {
    var position = 0
    for step in steps {
      switch step {
      case .make(let placement): try writer.make(placement)
      case .hole(let count): try writer.append(.hole(count))
      case .finishFile: try writer.finishFile()
      case .bytes(let count):
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[position..<position + count])
        try writer.append(.bytes(bytes))
        position += count
      }
    }
    steps.removeAll(keepingCapacity: true)
    used = 0
  }
}

/// Carries something that is not Sendable to the one thread that is going to use it.
private struct Handover<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
