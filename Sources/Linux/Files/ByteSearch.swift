internal import CLinux
internal import Glibc

// Searches with the functions of the C library, which look at many bytes at once.

extension UnsafeRawBufferPointer {
  /// Returns the offset of the first occurrence of a byte at or after `start`; nil when there is
  /// none.
  package func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    guard start < count, let base = baseAddress,
      let found = memchr(base + start, CInt(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// Returns the offset of the last occurrence of a byte before `end`; nil when there is none.
  package func lastOffset(of byte: UInt8, before end: Int) -> Int? {
    guard end > 0, let base = baseAddress, let found = memrchr(base, CInt(byte), end) else {
      return nil
    }
    return UnsafeRawPointer(found) - base
  }

  /// Returns the offset of the first occurrence of some bytes at or after `start`; nil when there is
  /// none.
  package func firstOffset(of part: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard start < count, let base = baseAddress,
      let found = memmem(base + start, count - start, part.baseAddress, part.count)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
