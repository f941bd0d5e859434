/// Little-endian numbers in binary data.
extension ArraySlice<UInt8> {
  /// Returns the number of `count` bytes at `offset` from the start; nil beyond the end.
  func number(at offset: Int, _ count: Int) -> Int64? {
    guard offset >= 0, count <= self.count, offset <= self.count - count else { return nil }
    let bytes = dropFirst(offset).prefix(count)
    return Int64(exactly: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
