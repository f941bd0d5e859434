/// Steps of the writer, in order, with the content they need.
final class WriteBatch: @unchecked Sendable {
  enum Step {
    case make(Placement)
    /// So many of the batch's bytes, after those of the steps before.
    case bytes(Int)
    case hole(Int64)
    /// Without the digest until the batch has been hashed.
    case finishFile(Digest?)
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

  /// Works out the digests of the files that end in it.
  func hash(with hasher: ContentHasher) {
    var position = 0
    for (index, step) in steps.enumerated() {
      switch step {
      case .make(let placement): if case .file = placement.content { hasher.begin() }
      case .hole(let count): hasher.add(.hole(count))
      case .bytes(let count): hasher.add(.bytes(take(count, &position)))
      case .finishFile: steps[index] = .finishFile(hasher.finish())
      }
    }
  }

  /// Does all steps and is empty again.
  func carryOut(with writer: TreeWriter) throws(ArchiveError) {
    var position = 0
    for step in steps {
      switch step {
      case .make(let placement): try writer.make(placement)
      case .hole(let count): try writer.append(.hole(count))
      case .bytes(let count): try writer.append(.bytes(take(count, &position)))
      case .finishFile(let digest):
        guard let digest else { preconditionFailure("the batch was not hashed") }
        try writer.finishFile(digest)
      }
    }
    steps.removeAll(keepingCapacity: true)
    used = 0
  }

  private func take(_ count: Int, _ position: inout Int) -> UnsafeRawBufferPointer {
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: buffer[position..<position + count])
  }
}
