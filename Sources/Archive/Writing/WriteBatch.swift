/// A sequence of steps for one lane, with the content for them.
final class WriteBatch: @unchecked Sendable {
  private enum Step {
    case makeFile(Placement, size: Int64)
    case makeLink(Placement, target: String)
    /// A number of bytes of the batch, which follow those of earlier steps.
    case bytes(Int)
    case hole(Int64)
    case finishFile
  }

  private static let stepLimit = 1024
  /// The size of the buffer in bytes: small enough to stay in a processor's cache until it is
  /// written.
  private static let size = 256 << 10
  /// The largest ``cost``.
  private static let costLimit = 2 << 20
  /// The number of bytes that take as long to write as making a file.
  private static let costOfFile = 32 << 10

  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: WriteBatch.size, alignment: 64)
  private var used = 0
  private var steps: [Step] = []
  private var fileCount = 0

  init() { steps.reserveCapacity(64) }

  deinit { buffer.deallocate() }

  var isEmpty: Bool { steps.isEmpty }
  /// The estimated duration of the steps, measured in bytes to write.
  var cost: Int { used + fileCount * Self.costOfFile }
  var isFull: Bool {
    steps.count >= Self.stepLimit || used == buffer.count || cost >= Self.costLimit
  }
  /// Whether the batch is large enough to be passed to a lane at a suitable point.
  var isWorthwhile: Bool { cost >= Self.costLimit / 8 }

  func makeFile(_ placement: Placement, size: Int64) {
    steps.append(.makeFile(placement, size: size))
    fileCount += 1
  }

  func makeLink(_ placement: Placement, to target: String) {
    steps.append(.makeLink(placement, target: target))
    fileCount += 1
  }

  /// Copies as many bytes as fit into the buffer, and returns how many were copied.
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

  func addHole(_ count: Int64) { steps.append(.hole(count)) }

  func finishFile() { steps.append(.finishFile) }

  /// Runs all steps and empties the batch.
  ///
  /// - Throws: `ArchiveError` when a step fails, or the entries can't be reported.
  func execute(with writer: LaneWriter) throws(ArchiveError) {
    var position = 0
    for step in steps {
      switch step {
      case .makeFile(let placement, let size): try writer.makeFile(placement, size: size)
      case .makeLink(let placement, let target): try writer.makeLink(placement, to: target)
      case .hole(let count): try writer.append(.hole(count))
      case .bytes(let count):
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[position..<position + count])
        try writer.append(.bytes(bytes))
        position += count
      case .finishFile: try writer.finishFile()
      }
    }
    try writer.reportFinished()
    steps.removeAll(keepingCapacity: true)
    (used, fileCount) = (0, 0)
  }
}
