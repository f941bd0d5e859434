internal import Linux

/// Reads the lines of a file in either direction. It takes the same memory for a file of any size;
/// lines that are longer than a block are reported as such.
enum LineScan {
  /// The size of a block in bytes. No valid line is nearly as long.
  static let blockSize = 1 << 20
  private static let newline = UInt8(ascii: "\n")

  /// A line without its newline; nil for one that is too long to be valid.
  typealias Line = UnsafeRawBufferPointer?

  /// Visits the lines from the first to the last. What follows the last newline is a line too.
  ///
  /// - Throws: `SystemError` when the file can't be read.
  static func forward(
    _ file: borrowing Descriptor, blockSize: Int = Self.blockSize, _ visit: (Line) -> Void
  ) throws(SystemError) {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
    defer { block.deallocate() }
    var offset: Int64 = 0
    /// The bytes at the start of the block that begin a line.
    var kept = 0
    var isTooLong = false
    while true {
      let found = try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: block[kept...]), at: offset)
      offset += Int64(found)
      let filled = UnsafeRawBufferPointer(rebasing: block[..<(kept + found)])
      var start = 0
      while let end = filled.firstOffset(of: newline, from: start) {
        visit(isTooLong ? nil : UnsafeRawBufferPointer(rebasing: filled[start..<end]))
        isTooLong = false
        start = end + 1
      }
      kept = filled.count - start
      if found == 0 {
        if kept > 0 || isTooLong {
          visit(isTooLong ? nil : UnsafeRawBufferPointer(rebasing: filled[start...]))
        }
        return
      }
      if kept == blockSize { (isTooLong, kept) = (true, 0) }
      if start > 0, kept > 0 {
        block.copyMemory(from: UnsafeRawBufferPointer(rebasing: filled[start...]))
      }
    }
  }

  /// Visits the lines from the last to the first, until `visit` returns false.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - blockSize: how many bytes are read at once.
  ///   - visit: receives each line and the offset of its first byte.
  /// - Returns: whether all lines were visited.
  /// - Throws: `SystemError` when the file can't be read.
  static func backward(
    _ file: borrowing Descriptor, blockSize: Int = Self.blockSize,
    _ visit: (Line, Int64) -> Bool
  ) throws(SystemError) -> Bool {
    // A valid line, and the newlines around it.
    let window = blockSize + 1
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: window, alignment: 16)
    defer { block.deallocate() }
    var end = try file.status().size
    var isTooLong = false
    while end > 0 {
      let start = max(0, end - Int64(window))
      let count = try fill(block, from: file, at: start, Int(end - start))
      // The file was truncated.
      guard count == Int(end - start) else { return true }
      let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
      var stop = count - (bytes[count - 1] == newline && !isTooLong ? 1 : 0)
      while let before = bytes.lastOffset(of: newline, before: stop) {
        let line = UnsafeRawBufferPointer(rebasing: bytes[(before + 1)..<stop])
        guard visit(isTooLong || line.count >= blockSize ? nil : line, start + Int64(before) + 1)
        else { return false }
        isTooLong = false
        stop = before
      }
      if start == 0 {
        let line = UnsafeRawBufferPointer(rebasing: bytes[..<stop])
        return visit(isTooLong || line.count >= blockSize ? nil : line, 0)
      }
      if stop == count || (stop == count - 1 && count == window) {
        (isTooLong, end) = (true, start)
      } else {
        // The newline before the line that begins in an earlier block ends the next block.
        end = start + Int64(stop) + 1
      }
    }
    return true
  }

  private static func fill(
    _ block: UnsafeMutableRawBufferPointer, from file: borrowing Descriptor, at start: Int64,
    _ count: Int
  ) throws(SystemError) -> Int {
    var filled = 0
    while filled < count {
      let found = try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: block[filled..<count]),
        at: start + Int64(filled))
      if found == 0 { break }
      filled += found
    }
    return filled
  }
}
