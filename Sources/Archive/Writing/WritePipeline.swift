internal import Linux
internal import Synchronization

/// Passes entries from the thread that reads and decodes to those that hash and write.
///
/// The entries travel in a fixed number of batches of a fixed size that are used again, so the
/// memory does not depend on the size of the archive. A file stays in one lane; otherwise a batch
/// goes to the lane with less work. Batches end with a directory if possible, since two lanes that
/// write to the same directory wait for each other.
final class WritePipeline {
  private static let batchCount = 32

  private let writer: TreeWriter
  private let lanes: [Lane]
  private let empty = BoundedQueue<WriteBatch>(capacity: WritePipeline.batchCount)
  private let failure = Mailbox<ArchiveError>()
  private var threads: [JoinedThread] = []
  private var batch = WriteBatch()
  /// The lane that gets the current batch.
  private var lane: Lane
  /// The parent directory of the last entry.
  private var directory = MemberTree.root

  /// Starts a thread for each lane of the writer. The lanes belong to these threads until
  /// ``finish(_:)`` has returned.
  ///
  /// - Throws: `ArchiveError` when a thread can't be started.
  init(_ writer: TreeWriter) throws(ArchiveError) {
    self.writer = writer
    lanes = writer.lanes.map { _ in Lane(capacity: Self.batchCount) }
    lane = lanes[0]
    for _ in 1..<Self.batchCount { _ = empty.push(WriteBatch()) }
    do throws(SystemError) {
      for (lane, writer) in zip(lanes, writer.lanes) { threads.append(try start(lane, writer)) }
    } catch {
      throw ArchiveError(error)
    }
  }

  deinit { stop() }

  func make(_ placement: Placement) throws(ArchiveError) {
    switch placement.content {
    case .directory: writer.add(directory: placement)
    case .hardLink(let target): writer.add(hardLink: placement.place, to: target)
    case .file(let size):
      try begin(in: placement.place.parent)
      batch.makeFile(placement, size: size)
    case .symbolicLink(let target):
      try begin(in: placement.place.parent)
      batch.makeLink(placement, to: target)
    }
  }

  func append(_ piece: ContentPiece) throws(ArchiveError) {
    switch piece {
    case .hole(let count):
      if batch.isFull { try pushBatch() }
      batch.addHole(count)
    case .bytes(var bytes):
      while !bytes.isEmpty {
        if batch.isFull { try pushBatch() }
        bytes = UnsafeRawBufferPointer(rebasing: bytes[batch.addBytes(bytes)...])
      }
    }
  }

  func finishFile() { batch.finishFile() }

  /// Waits until everything is written, the modes and times of directories last.
  ///
  /// - Parameter place: returns the place of a node.
  /// - Throws: `ArchiveError` of the lane that failed first.
  func finish(_ place: (MemberTree.NodeID) -> Place) throws(ArchiveError) {
    _ = lane.push(batch)
    stop()
    if let error = failure.value { throw error }
    try writer.finish(place)
  }

  /// Prepares for a new entry, which may go to another lane than the entry before.
  ///
  /// - Throws: the error of a lane that has failed.
  private func begin(in directory: MemberTree.NodeID) throws(ArchiveError) {
    if batch.isFull || batch.isWorthwhile && directory != self.directory { try pushBatch() }
    self.directory = directory
    if batch.isEmpty { lane = lanes.min { $0.cost < $1.cost } ?? lane }
  }

  private func pushBatch() throws(ArchiveError) {
    guard lane.push(batch), let next = empty.pop() else {
      stop()
      throw failure.value ?? ArchiveError(.truncated)
    }
    batch = next
  }

  /// Waits until the lanes have written all batches that were passed to them.
  private func stop() {
    for lane in lanes { lane.close() }
    for thread in threads { thread.join() }
    threads = []
  }

  private func start(_ lane: Lane, _ writer: LaneWriter) throws(SystemError) -> JoinedThread {
    let (lanes, empty, failure) = (lanes, empty, failure)
    let transfer = UnsafeTransfer(writer)
    return try JoinedThread {
      do throws(ArchiveError) {
        while failure.value == nil, let batch = lane.pop() {
          let cost = batch.cost
          try batch.execute(with: transfer.value)
          lane.finished(cost)
          _ = empty.push(batch)
        }
      } catch {
        failure.put(error)
        for lane in lanes { lane.close() }
        empty.close()
      }
    }
  }
}

/// The queue of a writing thread.
private final class Lane: Sendable {
  private let batches: BoundedQueue<WriteBatch>
  private let pending = Atomic(0)

  init(capacity: Int) { batches = BoundedQueue(capacity: capacity) }

  /// The cost of all batches that have not been written yet.
  var cost: Int { pending.load(ordering: .relaxed) }

  /// Adds a batch. Returns false when the lane was closed.
  func push(_ batch: WriteBatch) -> Bool {
    pending.add(batch.cost, ordering: .relaxed)
    return batches.push(batch)
  }

  func pop() -> WriteBatch? { batches.pop() }
  func finished(_ cost: Int) { pending.subtract(cost, ordering: .relaxed) }
  func close() { batches.close() }
}

/// Transfers a value that is not Sendable to the only thread that will use it.
private struct UnsafeTransfer<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
