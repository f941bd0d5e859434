/// The part of a stream that may be looked at again: the newest block, and of the older ones what
/// was asked to be kept.
struct StreamWindow {
  private var kept: [UInt8] = []
  private var keptOffset: Int64 = 0
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)

  private var blockOffset: Int64 { keptOffset + Int64(kept.count) }

  /// Bytes held beside the newest block.
  var keptCount: Int { kept.count }

  /// Copies what is to be kept, from `offset` on: the newest block is about to become invalid.
  mutating func retire(keepingFrom offset: Int64) {
    let end = blockOffset + Int64(block.count)
    let offset = min(max(offset, keptOffset), end)
    let used = Int(max(offset - blockOffset, 0))
    let dropped = min(Int(offset - keptOffset), kept.count)
    kept.removeFirst(dropped)
    kept.append(contentsOf: block[used...])
    keptOffset = offset
    block = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// `block` must stay valid until `retire`.
  mutating func append(_ block: UnsafeRawBufferPointer) { self.block = block }

  /// Nil when not all of them are there.
  func bytes(_ count: Int, at offset: Int64) -> [UInt8]? {
    guard offset >= keptOffset, Int64(count) <= blockOffset + Int64(block.count) - offset else {
      return nil
    }
    let (start, border) = (offset - keptOffset, Int64(kept.count))
    if start >= border {
      return Array(block[Int(start - border)..<Int(start - border) + count])
    }
    let older = kept[Int(start)...].prefix(count)
    return Array(older) + block.prefix(count - older.count)
  }
}
