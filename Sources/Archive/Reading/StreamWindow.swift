/// The part of a stream that can be read again: the last block, and the kept part of earlier ones.
struct StreamWindow {
  private var kept: [UInt8] = []
  private var keptOffset: Int64 = 0
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)

  private var blockOffset: Int64 { keptOffset + Int64(kept.count) }

  /// The number of bytes that are kept of earlier blocks.
  var keptCount: Int { kept.count }

  /// Copies the bytes from `offset` on, since the last block is about to become invalid.
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

  /// Adds a block, which must stay valid until `retire`.
  mutating func append(_ block: UnsafeRawBufferPointer) { self.block = block }

  /// Returns bytes of the window; nil when some of them are not available.
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
