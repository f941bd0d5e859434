internal import Linux
internal import Synchronization

/// Lets one thread read and decode, and others hash, create and write.
///
/// What is to be written travels in batches of a fixed size, so many at a time and used again and
/// again: memory stays the same however large the archive is. A file stays in one lane; otherwise a
/// batch goes to the lane that has less to do. Where that suits, batches end with a directory: two
/// lanes in one would wait for each other.
final class WritePipeline {
  private static let batchCount = 32

  private let writer: TreeWriter
  private let lanes: [Lane]
  private let empty = BoundedQueue<WriteBatch>(capacity: WritePipeline.batchCount)
  private let failure = Mailbox<ArchiveError>()
  private var threads: [JoinedThread] = []
  private var batch = WriteBatch()
  /// That of the batch.
  private var lane: Lane
  /// Of what was made last.
  private var directory = MemberTree.root

  /// The writer's lanes belong to other threads from now on, until ``finish()`` has returned.
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
      if batch.isFull { try passOn() }
      batch.addHole(count)
    case .bytes(var bytes):
      while !bytes.isEmpty {
        if batch.isFull { try passOn() }
        bytes = UnsafeRawBufferPointer(rebasing: bytes[batch.addBytes(bytes)...])
      }
    }
  }

  func finishFile() { batch.finishFile() }

  /// Waits until all is written, the directories' modes and times last.
  ///
  /// - Parameter place: that of a node.
  func finish(_ place: (MemberTree.NodeID) -> Place) throws(ArchiveError) {
    _ = lane.push(batch)
    stop()
    if let error = failure.value { throw error }
    try writer.finish(place)
  }

  /// Something new begins, which need not stay in the lane of what came before.
  private func begin(in directory: MemberTree.NodeID) throws(ArchiveError) {
    if batch.isFull || batch.isWorthwhile && directory != self.directory { try passOn() }
    self.directory = directory
    if batch.isEmpty { lane = lanes.min { $0.cost < $1.cost } ?? lane }
  }

  private func passOn() throws(ArchiveError) {
    guard lane.push(batch), let next = empty.pop() else {
      stop()
      throw failure.value ?? ArchiveError(.truncated)
    }
    batch = next
  }

  /// Lets all that was passed on be written first.
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

/// What one of the writing threads still has to do.
private final class Lane: Sendable {
  private let batches: BoundedQueue<WriteBatch>
  private let pending = Atomic(0)

  init(capacity: Int) { batches = BoundedQueue(capacity: capacity) }

  /// As batches count it.
  var cost: Int { pending.load(ordering: .relaxed) }

  /// False when nobody takes it any more.
  func push(_ batch: WriteBatch) -> Bool {
    pending.add(batch.cost, ordering: .relaxed)
    return batches.push(batch)
  }

  func pop() -> WriteBatch? { batches.pop() }
  func finished(_ cost: Int) { pending.subtract(cost, ordering: .relaxed) }
  func close() { batches.close() }
}

/// Carries something that is not Sendable to the one thread that is going to use it.
private struct UnsafeTransfer<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
